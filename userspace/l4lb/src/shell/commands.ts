import { Fault } from "@tutti/base";
import { nodeProcessRunner } from "@tutti/ports/node";
import { limits } from "./limits.ts";

/** Runs commands of the machine, or of another network namespace. */
export interface Commands {
  /** What stands before every command: nothing, or how to reach another network namespace. */
  readonly prefix: readonly string[];
  /** Runs a command to its end; throws a `Fault` FAILED with what it said, or why it could not be run. */
  run(argv: readonly string[], stdin?: string): Promise<string>;
}

export function commandsIn(prefix: readonly string[]): Commands {
  return {
    prefix,
    run: async (argv, stdin) => {
      const outcome = await nodeProcessRunner.run([...prefix, ...argv], {
        timeoutMs: limits.commandMsMax,
        ...(stdin === undefined ? {} : { stdin }),
      });
      if (outcome.exitCode === 0) return outcome.stdout;
      const said = outcome.stderr.trim().slice(0, 500);
      throw new Fault("FAILED", `${argv.join(" ")}: ${said}`, { retryable: true });
    },
  };
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
