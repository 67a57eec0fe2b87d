import { assert } from "@tutti/base";

/**
 * How a simulated command behaves, read from the command itself: phrases between semicolons.
 *
 *     run                    for ever
 *     exit CODE after MS     ends by itself
 *     flaky CODE every MS    ends by itself after a chance time with this mean
 *     oom after MS           is killed for memory
 *     deaf                   ignores SIGTERM
 *     slow MS                needs so long to end after SIGTERM
 *     sick until MS          fails its health checks at first
 *     sick after MS          fails them from then on
 *     v N                    says nothing: makes one definition differ from another
 */
export interface Program {
  readonly exit?: { readonly code: number; readonly afterMs: number };
  readonly flaky?: { readonly code: number; readonly meanMs: number };
  readonly oomAfterMs?: number;
  readonly isDeaf: boolean;
  readonly stopMs: number;
  readonly sickUntilMs: number;
  readonly sickAfterMs: number;
}

const usualStopMs = 20;

/** Reads a command; what it does not know is a bug of the simulation. */
export function parseProgram(command: string): Program {
  let program: Program = {
    isDeaf: false,
    stopMs: usualStopMs,
    sickUntilMs: 0,
    sickAfterMs: Infinity,
  };
  for (const phrase of command.split(";")) {
    program = { ...program, ...parsePhrase(phrase.trim().split(/\s+/u)) };
  }
  return program;
}

function parsePhrase(words: readonly string[]): Partial<Program> {
  const [verb, first = "", , third = ""] = words;
  switch (verb) {
    case "run":
    case "v":
      return {};
    case "exit":
      return { exit: { code: Number(first), afterMs: Number(third) } };
    case "flaky":
      return { flaky: { code: Number(first), meanMs: Number(third) } };
    case "oom":
      return { oomAfterMs: Number(words[2]) };
    case "deaf":
      return { isDeaf: true };
    case "slow":
      return { stopMs: Number(first) };
    case "sick":
      return first === "until"
        ? { sickUntilMs: Number(words[2]) }
        : { sickAfterMs: Number(words[2]) };
    default:
      assert(false, `a simulated command knows no '${words.join(" ")}'`);
  }
}
