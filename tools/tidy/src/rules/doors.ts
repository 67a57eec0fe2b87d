import { posix } from "node:path";
import type { House, Room, SourceFile } from "../house.ts";
import type { Problem } from "../problem.ts";
import { parseRoomImport, roomNamed } from "./room-names.ts";

/**
 * TDY4: a room is entered through a door of its `exports`; no relative path, `new URL` or absolute
 * path leaves a room, and a room does not import itself by name, except in its `examples/`, which use
 * the room as anybody would. Distribution, proof and tools may name files of other rooms by URL,
 * because they start processes.
 */
export function doorProblems(house: House): Problem[] {
  return house.rooms.flatMap((room) =>
    room.sources.flatMap((source) => [
      ...importProblems(house, room, source),
      ...urlProblems(room, source),
    ]),
  );
}

function importProblems(house: House, room: Room, source: SourceFile): Problem[] {
  const problems: Problem[] = [];
  for (const { specifier, line } of source.facts.imports) {
    const message = refusalOf(house, { room, source, specifier });
    if (message !== undefined) problems.push({ rule: "doors", path: source.path, line, message });
  }
  return problems;
}

function refusalOf(
  house: House,
  entry: { readonly room: Room; readonly source: SourceFile; readonly specifier: string },
): string | undefined {
  const { room, source, specifier } = entry;
  if (specifier.startsWith("/") || specifier.startsWith("file:")) {
    return `${specifier} is an absolute path: import through a door`;
  }
  if (specifier.startsWith(".")) {
    if (staysInside(room, source, specifier)) return undefined;
    return `${specifier} leaves ${room.folder}: import the other room by its name`;
  }
  const wanted = parseRoomImport(specifier);
  if (wanted === undefined) return undefined;
  const target = roomNamed(house, wanted.name);
  if (target === undefined) return `${wanted.name} is no room of this house`;
  const isExample = source.path.startsWith(`${room.folder}/examples/`);
  if (target === room && !isExample) {
    return `${specifier} is the room itself: import the file by its path`;
  }
  if (wanted.door in target.manifest.exports) return undefined;
  const doors = Object.keys(target.manifest.exports).join(", ");
  return `${specifier} is no door of ${target.folder} (doors: ${doors}): export what you need there`;
}

function urlProblems(room: Room, source: SourceFile): Problem[] {
  if (["distribution", "proof", "tools"].includes(room.layer)) return [];
  return source.facts.urlFiles
    .filter(({ text }) => text.startsWith(".") && !staysInside(room, source, text))
    .map(({ text, line }) => ({
      rule: "doors",
      path: source.path,
      line,
      message: `new URL("${text}") leaves ${room.folder}: a room knows no file of another`,
    }));
}

function staysInside(room: Room, source: SourceFile, relative: string): boolean {
  const target = posix.join(posix.dirname(source.path), relative);
  return target.startsWith(`${room.folder}/`);
}
