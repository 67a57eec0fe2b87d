import { isOwnCommand } from "./options.ts";

/**
 * `--dir D down` means `down --dir D`: an own command may stand behind the directory. Everything else stays
 * as it was typed.
 */
export function commandFirst(argv: readonly string[]): readonly string[] {
  const [first = "", second = "", third = ""] = argv;
  if (first.startsWith("--dir=") && isOwnCommand(second)) return [second, first, ...argv.slice(2)];
  if (first === "--dir" && isOwnCommand(third)) return [third, first, second, ...argv.slice(3)];
  return argv;
}
