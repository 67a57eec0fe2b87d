import type { House } from "../house.ts";
import { isTestPath } from "../layers.ts";
import type { Problem } from "../problem.ts";
import { parseRoomImport, roomNamed } from "./room-names.ts";

/** TDY5: rooms form no cycle, types included. Tests are left out: a test may use the testkit. */
export function cycleProblems(house: House): Problem[] {
  const importsOf = new Map<string, Set<string>>();
  for (const room of house.rooms) {
    const targets = new Set<string>();
    for (const source of room.sources) {
      if (isTestPath(source.path)) continue;
      for (const { specifier } of source.facts.imports) {
        const target = roomNamed(house, parseRoomImport(specifier)?.name ?? "");
        if (target !== undefined && target !== room) targets.add(target.folder);
      }
    }
    importsOf.set(room.folder, targets);
  }
  return findCycles(importsOf).map((cycle) => ({
    rule: "cycles",
    path: `${cycle[0]}/package.json`,
    message: `rooms import one another in a circle: ${cycle.join(" → ")} → ${cycle[0]}; move the shared part down`,
  }));
}

/** Each cycle once, beginning at its alphabetically first member. */
export function findCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const cycles = new Map<string, string[]>();
  const done = new Set<string>();
  function visit(node: string, trail: readonly string[]): void {
    const at = trail.indexOf(node);
    if (at !== -1) {
      const cycle = trail.slice(at);
      const first = cycle.indexOf(cycle.toSorted()[0] ?? node);
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
      cycles.set(turned.join(" "), turned);
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...trail, node]);
    done.add(node);
  }
  for (const node of [...graph.keys()].toSorted()) visit(node, []);
  return [...cycles.values()];
}
