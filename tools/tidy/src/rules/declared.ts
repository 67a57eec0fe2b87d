import type { House, Room, SourceFile } from "../house.ts";
import { isTestPath } from "../layers.ts";
import type { Problem } from "../problem.ts";
import { parsePackageImport, parseRoomImport } from "./room-names.ts";

/**
 * TDY3: every imported package stands in the room's own package.json, and no `@tutti` dependency
 * stands there unused. Tests may also use the checkout's devDependencies (vitest, fast-check).
 */
export function declaredProblems(house: House): Problem[] {
  const testTools = new Set(Object.keys(house.manifest.devDependencies));
  return house.rooms.flatMap((room) => [
    ...room.sources.flatMap((source) => undeclared(room, source, testTools)),
    ...unused(room),
  ]);
}

function undeclared(room: Room, source: SourceFile, testTools: ReadonlySet<string>): Problem[] {
  const { dependencies, devDependencies, name } = room.manifest;
  const problems: Problem[] = [];
  for (const { specifier, line } of source.facts.imports) {
    const wanted = parseRoomImport(specifier)?.name ?? parsePackageImport(specifier);
    if (wanted === undefined || wanted === name || wanted in dependencies) continue;
    if (isTestPath(source.path) && (wanted in devDependencies || testTools.has(wanted))) continue;
    const where = isTestPath(source.path) ? "devDependencies" : "dependencies";
    problems.push({
      rule: "declared",
      path: source.path,
      line,
      message: `${wanted} is imported but not in ${where} of ${room.folder}/package.json: add it with its exact version`,
    });
  }
  return problems;
}

function unused(room: Room): Problem[] {
  const imported = new Set(
    room.sources.flatMap((source) =>
      source.facts.imports.map(({ specifier }) => parseRoomImport(specifier)?.name),
    ),
  );
  const { dependencies, devDependencies } = room.manifest;
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => name.startsWith("@tutti/") && !imported.has(name))
    .map((name) => ({
      rule: "declared",
      path: `${room.folder}/package.json`,
      message: `${name} is declared but never imported: remove it`,
    }));
}
