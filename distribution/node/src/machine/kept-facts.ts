import type { Fact } from "@tutti/discovery-v1";

/** What the names begin with. */
export interface KeptFacts {
  /** Known from the first question on; undefined: nothing is. */
  readonly facts?: readonly Fact[];
  /** Told before anything is answered, as a table whose virtual IPs follow: until then none of them is unknown. */
  readonly withoutVips?: readonly Fact[];
}

/**
 * What may be answered of the table that was kept, before anything was heard. A name that was known is never said to be
 * unknown; but a virtual IP has a name only while packets find their way. `leads`: what an earlier process told the
 * kernel of virtual IPs still stands (it does not after a new boot); undefined: this machine leads nothing.
 */
export function keptFactsOf(
  kept: readonly Fact[] | undefined,
  leads: boolean | undefined,
): KeptFacts {
  if (kept === undefined) return {};
  const others = kept.filter(({ kind }) => kind !== "vip");
  if (leads === undefined) return { facts: others };
  return leads || others.length === kept.length ? { facts: kept } : { withoutVips: others };
}
