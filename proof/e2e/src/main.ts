import { parseArgs } from "node:util";
import { runChaos } from "./chaos/run-chaos.ts";

const usage = `usage: tutti chaos [--seed N] [--minutes M] [--lose-agents]
Builds a cluster of its own, kills, stops and cuts off its processes, machines and tasks at random under a steady load
of deployments, and checks that everything is as it was asked for. Needs root. A seed is chosen and printed without
--seed; M is 5 by default and 20 at most. With --lose-agents private agents are also cut off for 100 to 150 s, one
after another, so that the master counts them as lost; their tasks are replaced, and they come back.`;

const minutesMax = 20;

const options = {
  seed: { type: "string" },
  minutes: { type: "string", default: "5" },
  "lose-agents": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

function parse(): ReturnType<typeof parseArgs<{ readonly options: typeof options }>> | string {
  try {
    return parseArgs({ options });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<number> {
  const parsed = parse();
  if (typeof parsed === "string") {
    console.error(`tutti chaos: ${parsed}\n${usage}`);
    return 2;
  }
  const { values } = parsed;
  const seed =
    values.seed === undefined ? Math.trunc(Math.random() * 1_000_000) : Number(values.seed);
  const minutes = Number(values.minutes);
  const isWrong = !Number.isInteger(seed) || !(minutes > 0 && minutes <= minutesMax);
  if (values.help || isWrong) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  if (process.getuid?.() !== 0) {
    console.error("tutti chaos: cuts machines off, which needs root; run it as root");
    return 1;
  }
  const { failure } = await runChaos({
    seed,
    forMs: minutes * 60_000,
    losesAgents: values["lose-agents"],
    print: (line) => console.log(line),
  });
  console.log(
    failure === undefined
      ? `seed ${String(seed)}: held`
      : `seed ${String(seed)}: BROKEN: ${failure}`,
  );
  return failure === undefined ? 0 : 1;
}

process.exitCode = await main();
