import { factKey } from "@tutti/discovery-v1";
import type { Fact, StreamChange, TableVersion } from "@tutti/discovery-v1";
import { isSame } from "./table.ts";

/** What a discovery publishes: its versions, and the table of another epoch that it went on from. */
export interface PublishedVersions {
  readonly version: TableVersion;
  readonly base: TableVersion | undefined;
}

/**
 * The sequence of the first change that a follower with the table `have` lacks; undefined when its table is of none of
 * these versions and it needs a whole one. Rules DSC22 and DSC36.
 */
export function sequenceAfter(
  have: TableVersion,
  { version, base }: PublishedVersions,
): number | undefined {
  if (base !== undefined && isSame(have, base)) return 1;
  return have.epoch === version.epoch ? have.sequence + 1 : undefined;
}

/** The first change of a discovery puts everything anew: what of it is different for who holds the table it began with. */
export function changeSince(
  base: { readonly version: TableVersion; readonly facts: ReadonlyMap<string, Fact> },
  change: StreamChange,
): StreamChange {
  const whole = new Map(change.put.map((fact) => [factKey(fact), fact]));
  const remove = [...base.facts.keys()].filter((key) => !whole.has(key));
  const put = change.put.filter((fact) => !isSame(base.facts.get(factKey(fact)), fact));
  return { remove, put, since: base.version };
}
