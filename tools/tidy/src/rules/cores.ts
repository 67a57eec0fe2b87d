import { posix } from "node:path";
import type { House, Room, SourceFile } from "../house.ts";
import { isCorePath, isPureRoom } from "../layers.ts";
import type { Problem } from "../problem.ts";
import { parsePackageImport, parseRoomImport, roomNamed } from "./room-names.ts";

/**
 * TDY6: cores and pure rooms import files of the core, `./core` doors, pure rooms and the interfaces
 * of `@tutti/ports`; cores from the kernel up and the sdk use no package from outside. What the lint
 * bans cannot see is refused here: `Math` as a value, and `import.meta`.
 */
export function coreProblems(house: House): Problem[] {
  return house.rooms.flatMap((room) =>
    room.sources
      .filter((source) => isCorePath(source.path))
      .flatMap((source) => [...importProblems(house, room, source), ...placeProblems(source)]),
  );
}

function importProblems(house: House, room: Room, source: SourceFile): Problem[] {
  const problems: Problem[] = [];
  for (const { specifier, line } of source.facts.imports) {
    const message = refusalOf(house, { room, source, specifier });
    if (message !== undefined) problems.push({ rule: "cores", path: source.path, line, message });
  }
  return problems;
}

function refusalOf(
  house: House,
  entry: { readonly room: Room; readonly source: SourceFile; readonly specifier: string },
): string | undefined {
  const { room, source, specifier } = entry;
  if (specifier.startsWith("node:"))
    return `${specifier} in a core: input and output belong to a shell`;
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(source.path), specifier);
    return isCorePath(target) ? undefined : `a core imports ${target}, which is no core`;
  }
  const wanted = parseRoomImport(specifier);
  if (wanted === undefined) {
    const outside = parsePackageImport(specifier);
    if (outside === undefined || ["foundation", "protocol"].includes(room.layer)) return undefined;
    return `a core of ${room.layer} imports ${outside}: cores use no package from outside`;
  }
  const target = roomNamed(house, wanted.name);
  if (target === undefined || wanted.door === "./core") return undefined;
  if (isPureRoom(target.folder)) return undefined;
  if (wanted.door === "." && target.folder === "foundation/ports") return undefined;
  return `a core imports ${specifier}, whose door opens on a shell: use ${wanted.name}/core`;
}

function placeProblems(source: SourceFile): Problem[] {
  const { bareMath, importMeta } = source.facts;
  const math = bareMath.map((line) => ({
    rule: "cores",
    path: source.path,
    line,
    message: "Math as a value hides Math.random from the lint: write Math.name",
  }));
  const meta = importMeta.map((line) => ({
    rule: "cores",
    path: source.path,
    line,
    message: "import.meta in a core: a core does not know where it is",
  }));
  return [...math, ...meta];
}
