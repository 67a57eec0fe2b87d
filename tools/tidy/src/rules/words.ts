import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/** A pattern that no file may contain, and what to do instead. */
interface Ban {
  readonly pattern: RegExp;
  readonly message: string;
}

/** Written in pieces, so that this file does not refuse itself. */
const unfinished = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|");
const registries = ["registry.npm" + "js", "deb.deb" + "ian", "security.deb" + "ian"]
  .map((host) => host.replace(".", "\\."))
  .join("|");

const bans: readonly Ban[] = [
  {
    pattern: new RegExp(`\\b(?:${unfinished})\\b`),
    message: "work left undone: do it, or write an issue",
  },
  {
    pattern: new RegExp(`\\bfor n${"ow"}\\b(?!\\s*[=(])`, "i"),
    message: "work left undone: say what holds, or do the rest",
  },
  {
    pattern: new RegExp(`(?:^|[^\\w.-])/(?:wo${"rk"}|fa${"rm"})/`),
    message: "a path of one machine: take it from an argument or the environment",
  },
  {
    pattern: new RegExp(registries),
    message: "a registry's host name: the machine's own settings say where packages come from",
  },
];

/** TDY10: no file holds words of unfinished work, paths of one machine or hosts of registries. */
export function wordProblems(house: House): Problem[] {
  return house.files.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((content, index) =>
        bans
          .filter(({ pattern }) => pattern.test(content))
          .map(({ message }) => ({ rule: "words", path, line: index + 1, message })),
      ),
  );
}
