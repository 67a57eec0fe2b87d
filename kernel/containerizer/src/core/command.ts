import type { ContainerCommand } from "./containerizer.ts";

/**
 * The argument vector that runs a command. A program that is to see another name than its path goes through
 * bash's `exec -a`, as POSIX has no other way.
 */
export function commandLine(command: ContainerCommand): readonly string[] {
  if (command.type === "shell") return ["/bin/sh", "-c", command.value];
  const [name, ...rest] = command.argv;
  if (name === undefined || name === command.path) return [command.path, ...rest];
  return ["/bin/bash", "-c", 'exec -a "$0" -- "$@"', name, command.path, ...rest];
}

/** `NAME=value` lines, sorted by name so that equal environments give equal files. */
export function environmentLines(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(env)
    .toSorted()
    .map((name) => `${name}=${env[name] ?? ""}`);
}
