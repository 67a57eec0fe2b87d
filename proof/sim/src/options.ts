import { parseArgs } from "node:util";

/** What the command says when it is asked, or asked wrongly. */
export const usage = `usage: tutti sim --seed N [--verbose]         one seed, exactly as always
       tutti sim --seeds N [--from M]         N seeds from M on (1 by default)
       options: --masters N  --codec SHARE    share of messages through their JSON, 0 to 1
                                              (as it is: all of them in every eighth seed)
                --names                       with discovery, DNS and virtual IPs, and their faults
                --short                       four minutes of six agents, as the test command has those with names`;

/** Which seeds to run, and how. */
export interface SimCommand {
  readonly type: "run";
  readonly first: number;
  readonly count: number;
  readonly masters: number;
  /** Absent: as `SeedOptions.codecShare` has it. */
  readonly codecShare?: number;
  readonly verbose: boolean;
  readonly names: boolean;
  /** Seeds of the size of `shortSeed`. */
  readonly short: boolean;
}

/** What was asked for; `wrong` is one line that says what is wrong. */
export type ParsedCommand =
  | SimCommand
  | { readonly type: "help" }
  | { readonly type: "wrong"; readonly message: string };

/** Masters of the largest ensembles that anybody runs. */
const mastersMax = 9;
const seedsMax = 1_000_000;
const seedMax = 2 ** 32 - 1;

/** Reads the arguments of the command. Everything that is no number in its range is wrong. Rule SIM28. */
export function parseCommand(args: readonly string[]): ParsedCommand {
  try {
    return commandOf(args);
  } catch (error) {
    // `parseArgs` throws for what it does not know, in some lines.
    const message = error instanceof Error ? error.message : String(error);
    return { type: "wrong", message: message.replaceAll("\n", " ") };
  }
}

function commandOf(args: readonly string[]): ParsedCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      from: { type: "string" },
      masters: { type: "string", default: "1" },
      codec: { type: "string" },
      verbose: { type: "boolean", default: false },
      names: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { seed, seeds, from, codec, verbose, names, short, help } = values;
  if (help) return { type: "help" };
  if ((seed === undefined) === (seeds === undefined)) {
    throw new Error("give either --seed or --seeds (--help says more)");
  }
  if (seed !== undefined && from !== undefined) throw new Error("--from goes with --seeds");
  const first =
    seed === undefined ? integer("--from", from ?? "1", seedMax) : integer("--seed", seed, seedMax);
  const count = seeds === undefined ? 1 : integer("--seeds", seeds, seedsMax);
  if (first + count - 1 > seedMax) {
    throw new Error(`the last seed is ${seedMax}: there are no ${count} seeds from ${first} on`);
  }
  return {
    type: "run",
    first,
    count,
    masters: integer("--masters", values.masters, mastersMax),
    ...(codec === undefined ? {} : { codecShare: share("--codec", codec) }),
    verbose,
    names,
    short,
  };
}

function integer(name: string, text: string, max: number): number {
  const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw new Error(`${name} is a whole number from 1 to ${max}, not '${text}'`);
}

function share(name: string, text: string): number {
  const value = /^\d*\.?\d+$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new Error(`${name} is a share from 0 to 1, not '${text}'`);
}
