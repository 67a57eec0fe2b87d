import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseChaosCommand, usage, type ChaosCommand } from "./chaos/chaos-command.ts";
import { runChaos } from "./chaos/run-chaos.ts";

/** What a shell expects of a command that Ctrl-C ended. */
const interruptedExitCode = 130;

async function main(): Promise<number> {
  const command = parseChaosCommand(process.argv.slice(2));
  switch (command.type) {
    case "help":
      console.log(usage);
      return 0;
    case "wrong":
      console.error(`tutti chaos: ${command.message} (--help says more)`);
      return 2;
    case "run":
      return run(command);
  }
}

async function run(command: ChaosCommand & { readonly type: "run" }): Promise<number> {
  if (process.getuid?.() !== 0) {
    console.error("tutti chaos: cuts machines off, which needs root; run it as root");
    return 1;
  }
  const seed = command.seed ?? Math.trunc(Math.random() * 1_000_000);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));
  const { failure } = await runChaos({
    seed,
    forMs: command.minutes * 60_000,
    agentLosses: command.agentLosses,
    signal: interrupted.signal,
    evidenceDir: join(tmpdir(), `tutti-chaos-${String(seed)}`),
    print: (line) => console.log(line),
  });
  if (failure !== undefined && failure === interruptionOf(interrupted.signal)) {
    console.log(`seed ${String(seed)}: ${failure}, nothing was judged`);
    return interruptedExitCode;
  }
  console.log(
    failure === undefined
      ? `seed ${String(seed)}: held`
      : `seed ${String(seed)}: BROKEN: ${failure}`,
  );
  return failure === undefined ? 0 : 1;
}

function interruptionOf({ aborted, reason }: AbortSignal): string | undefined {
  return aborted && reason instanceof Error ? reason.message : undefined;
}

process.exitCode = await main();
