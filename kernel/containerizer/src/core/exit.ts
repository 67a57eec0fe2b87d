import type { ContainerExit } from "./containerizer.ts";

/**
 * What a supervisor's exit status means. A status of 128 + n is how every link of the chain (shell, init,
 * conmon) passes on "ended by signal n", so it is told as that signal; a program that calls `exit(143)`
 * itself cannot be told apart.
 */
export function exitFromStatus(status: number, oomKilled: boolean): ContainerExit {
  if (status > 128 && status <= 128 + 64) return { signal: status - 128, oomKilled };
  return { exitCode: status & 0xff, oomKilled };
}

/** The status in an exit file, or undefined while it is not written whole. */
export function parseExitStatus(text: string): number | undefined {
  const trimmed = text.trim();
  return /^-?\d{1,5}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** The exit of a container of which nobody knows how it ended. */
export function unknownExit(oomKilled: boolean): ContainerExit {
  return { oomKilled, unknown: true };
}
