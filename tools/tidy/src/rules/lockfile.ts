import type { House, TextFile } from "../house.ts";
import { missingOptionals } from "../lock-optionals.ts";
import type { LockEntries } from "../lock-optionals.ts";
import type { Problem } from "../problem.ts";

/**
 * TDY16: lock files name no host, and hold every optional package, those of foreign systems too:
 * `npm ci` refuses a lock file that lacks one.
 */
export function lockfileProblems(house: House): Problem[] {
  return house.files
    .filter(({ path }) => path.split("/").at(-1) === "package-lock.json")
    .flatMap((file) => [...hostProblems(file), ...optionalProblems(file)]);
}

function hostProblems({ path, text }: TextFile): Problem[] {
  const line = text.split("\n").findIndex((each) => /"resolved": "https?:/.test(each)) + 1;
  if (line === 0) return [];
  const message = "names a host: install with the .npmrc of this checkout";
  return [{ rule: "lockfile", path, line, message }];
}

function optionalProblems({ path, text }: TextFile): Problem[] {
  const lock = JSON.parse(text) as { readonly packages?: LockEntries };
  return Object.keys(missingOptionals(lock.packages ?? {})).map((name) => ({
    rule: "lockfile",
    path,
    message: `lacks ${name}: run  npm install  in the checkout`,
  }));
}
