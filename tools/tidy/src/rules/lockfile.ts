import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/** TDY16: lock files name no host, and hold the packages of both architectures. */
export function lockfileProblems(house: House): Problem[] {
  return house.files
    .filter(({ path }) => path.split("/").at(-1) === "package-lock.json")
    .flatMap(({ path, text }) => {
      const line = text.split("\n").findIndex((each) => /"resolved": "https?:/.test(each)) + 1;
      if (line === 0) return [];
      const message =
        "names a host: install with the .npmrc of this checkout (omit-lockfile-registry-resolved)";
      return [{ rule: "lockfile", path, line, message }];
    });
}
