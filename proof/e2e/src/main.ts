import { parseArgs } from "node:util";
import { runChaos } from "./chaos/run-chaos.ts";

const usage = `usage: tutti chaos [--seed N] [--minutes M]
Builds a cluster of its own, kills, stops and cuts off its processes, machines and tasks at random under a steady load
of deployments, and checks that everything is as it was asked for. Needs root. A seed is chosen and printed without
--seed; M is 5 by default and 20 at most.`;

const minutesMax = 20;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      minutes: { type: "string", default: "5" },
      help: { type: "boolean", default: false },
    },
  });
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
