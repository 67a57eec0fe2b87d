import { commandLine, environmentLines } from "./command.ts";
import type { ContainerCommand } from "./containerizer.ts";

/** The descriptor from which the supervisor reads the script; the task does not get it. */
export const scriptDescriptor = 3;

/** Names with a meaning to the shell itself, which it would refuse or rewrite. */
const shellNames = new Set([
  "OPTIND",
  "LINENO",
  "PPID",
  "IFS",
  "PS1",
  "PS2",
  "PS4",
  "PWD",
  "OLDPWD",
]);

/**
 * A shell script that becomes the given program with exactly the given environment. It is read from a file
 * rather than put on a command line, because everybody on a machine can read command lines.
 */
export function startScript(
  command: ContainerCommand,
  env: Readonly<Record<string, string>>,
): string {
  const lines = [`exec ${String(scriptDescriptor)}<&-`];
  const odd: string[] = [];
  for (const line of environmentLines(env)) {
    const name = line.slice(0, line.indexOf("="));
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !shellNames.has(name))
      lines.push(`export ${name}=${quote(line.slice(name.length + 1))}`);
    else odd.push(quote(line));
  }
  if (!("PATH" in env)) lines.push("unset PATH");
  const program = commandLine(command).map(quote);
  lines.push(
    `exec ${[...(odd.length === 0 ? [] : ["/usr/bin/env", ...odd]), ...program].join(" ")}`,
  );
  return `${lines.join("\n")}\n`;
}

/** A word that a POSIX shell reads back as `text`. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
