import { parseArgs } from "node:util";

/** What the command says when it is asked, or asked wrongly. */
export const usage = `usage: tutti chaos [--seed N] [--minutes M] [--lose-agents [--soon]]
Builds a cluster of its own, kills, stops and cuts off its processes, machines and tasks at random under a steady load
of deployments, and checks that everything is as it was asked for. Needs root. A seed is chosen and printed without
--seed; M is 5 by default and 20 at most. With --lose-agents private agents are also cut off for 100 to 150 s, one
after another, so that the master counts them as lost; their tasks are replaced, and they come back. With --soon this
master counts an agent as lost after 20 to 24 s instead of 75 to 90 s, and agents are cut off for 30 to 45 s.
Of a run that broke the logs are kept in /tmp/tutti-chaos-SEED.
Ctrl-C mends what is hurt, ends the cluster and leaves nothing.`;

/** What was asked for; `wrong` is one line that says what is wrong. */
export type ChaosCommand =
  | {
      readonly type: "run";
      /** Absent: any. */
      readonly seed?: number;
      readonly minutes: number;
      readonly agentLosses: "none" | "asMesos" | "soon";
    }
  | { readonly type: "help" }
  | { readonly type: "wrong"; readonly message: string };

const minutesMax = 20;
const seedMax = 2 ** 32 - 1;

/** Reads the arguments of the command. Everything that is no number in its range is wrong. Rule GF14. */
export function parseChaosCommand(args: readonly string[]): ChaosCommand {
  try {
    return commandOf(args);
  } catch (error) {
    // `parseArgs` throws for what it does not know; the first line says it.
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { type: "wrong", message };
  }
}

function commandOf(args: readonly string[]): ChaosCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      minutes: { type: "string", default: "5" },
      "lose-agents": { type: "boolean", default: false },
      soon: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return { type: "help" };
  if (values.soon && !values["lose-agents"]) throw new Error("--soon goes with --lose-agents");
  return {
    type: "run",
    ...(values.seed === undefined ? {} : { seed: seedOf(values.seed) }),
    minutes: minutesOf(values.minutes),
    agentLosses: values.soon ? "soon" : values["lose-agents"] ? "asMesos" : "none",
  };
}

function seedOf(text: string): number {
  const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
  if (value <= seedMax) return value;
  throw new Error(`--seed is a whole number from 0 to ${String(seedMax)}, not '${text}'`);
}

function minutesOf(text: string): number {
  const value = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= minutesMax) return value;
  throw new Error(`--minutes is a number above 0 and at most ${String(minutesMax)}, not '${text}'`);
}
