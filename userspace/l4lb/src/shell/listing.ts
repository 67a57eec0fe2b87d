import { Fault } from "@tutti/base";
import type { ToolShell } from "./tool-shell.ts";

/**
 * Has the shell run a command of plain words (no spaces or quotes in them) that reads nothing, and hands over what it
 * says line by line. Throws a `Fault` FAILED when it ends with another code than 0.
 */
export async function eachLineOf(
  reader: ToolShell,
  argv: readonly string[],
  take: (line: string) => void,
): Promise<void> {
  const command = argv.join(" ");
  const exitCode = await reader.run(`${command} </dev/null 2>/dev/null\n`, take);
  if (exitCode !== 0)
    throw new Fault("FAILED", `${command}: ended with ${String(exitCode)}`, { retryable: true });
}

/** The same, with all that it says at once. */
export async function textOf(reader: ToolShell, argv: readonly string[]): Promise<string> {
  const lines: string[] = [];
  await eachLineOf(reader, argv, (line) => lines.push(line));
  return lines.join("\n").trim();
}
