import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/** Words that name a mechanism or nothing at all: a file is named by the concept it holds. */
const emptyWords = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "misc",
  "manager",
  "impl",
]);

/** TDY9: TypeScript files and folders of rooms are in kebab-case and named by the concept they hold. */
export function fileNameProblems(house: House): Problem[] {
  return house.rooms.flatMap((room) =>
    room.sources.flatMap(({ path }) => {
      const inside = path.slice(room.folder.length + 1).split("/");
      return inside.flatMap((part) =>
        refusalsOf(part).map((message) => ({ rule: "file-names", path, message })),
      );
    }),
  );
}

function refusalsOf(part: string): string[] {
  const name = part.replace(/\.ts$/, "");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|property|d|types))*$/.test(name)) {
    return [`${part} is not kebab-case`];
  }
  return name
    .split(/[.-]/)
    .filter((word) => emptyWords.has(word))
    .map((word) => `${part} is named "${word}": name the concept it holds`);
}
