import type { Fact, TableVersion } from "@tutti/discovery-v1";
import type { Cluster, SimulatedKernel } from "@tutti/simulator";
import { demand } from "../violation.ts";

/** One version that a machine took, and where it wants connections to be led: backends by the key of the VIP. */
interface Taken {
  readonly version: TableVersion;
  readonly ways: ReadonlyMap<string, string>;
}

/**
 * SIM66: a machine says that it holds a version only when its kernel leads every VIP to the backends of that version, or of
 * a newer one that it took; unless somebody else emptied the tables.
 */
export function watchHeld(cluster: Pick<Cluster, "addObserver">): void {
  const takenBy = new Map<string, readonly Taken[]>();
  cluster.addObserver(
    (observation) => {
      if (observation.type === "processStarted") takenBy.delete(observation.node);
      if (observation.type === "tableTaken") {
        const { node, version, facts } = observation;
        takenBy.set(node, [...(takenBy.get(node) ?? []), { version, ways: waysOf(facts) }]);
      }
      if (observation.type !== "tableHeld") return;
      const { node, version, kernel } = observation;
      const taken = takenBy.get(node) ?? [];
      const from = taken.findIndex((one) => isSame(one.version, version));
      // What was kept in a file before this life was taken in another one.
      if (from < 0) return;
      takenBy.set(node, taken.slice(from));
      const isHeld =
        kernel.isDisturbed || taken.slice(from).some(({ ways }) => leads(kernel, ways));
      demand(
        isHeld,
        "SIM66",
        () =>
          `${node} says that it holds ${version.epoch}.${version.sequence}, and its kernel leads otherwise`,
      );
    },
    ["processStarted", "tableTaken", "tableHeld"],
  );
}

function isSame(one: TableVersion, other: TableVersion): boolean {
  return one.epoch === other.epoch && one.sequence === other.sequence;
}

function waysOf(facts: ReadonlyMap<string, Fact>): ReadonlyMap<string, string> {
  const ways = new Map<string, string>();
  for (const fact of facts.values()) {
    if (fact.kind !== "vip" || fact.backends.length === 0) continue;
    const places = fact.backends.map(({ address, port }) => `${address} . ${port}`);
    ways.set(`${fact.address} . ${fact.protocol} . ${fact.port}`, placesText(places));
  }
  return ways;
}

function leads(kernel: SimulatedKernel, ways: ReadonlyMap<string, string>): boolean {
  let count = 0;
  for (const key of kernel.vips()) {
    if (placesText(kernel.backendsOf(key)) !== ways.get(key)) return false;
    count += 1;
  }
  return count === ways.size;
}

function placesText(places: readonly string[]): string {
  return [...new Set(places)].toSorted().join(", ");
}
