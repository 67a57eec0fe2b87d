import { nodeProcessRunner } from "@tutti/ports/node";
import { limits } from "../limits.ts";

/** A command of the machine that failed; the message holds the command and its own words. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** Runs a command to its end and answers its output. Throws `CommandFailed` unless it exits with 0. */
export async function run(
  argv: readonly string[],
  options: { readonly stdin?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  const outcome = await nodeProcessRunner.run(argv, {
    timeoutMs: options.timeoutMs ?? limits.commandTimeoutMs,
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  });
  if (outcome.exitCode === 0) return outcome.stdout;
  const words = (outcome.stderr.trim() || outcome.stdout.trim()).split("\n").slice(-4).join("; ");
  const end = outcome.signal ?? String(outcome.exitCode);
  throw new CommandFailed(`${argv.join(" ")} ended with ${end}: ${words}`);
}

/** As `run`, for what may fail because it is gone already. */
export async function tryRun(argv: readonly string[], stdin?: string): Promise<string | undefined> {
  try {
    return await run(argv, stdin === undefined ? {} : { stdin });
  } catch (error) {
    if (error instanceof CommandFailed) return undefined;
    throw error;
  }
}
