import { Failure } from "./failure.ts";
import { clusterDir } from "./cluster-dir.ts";
import {
  optionNames,
  parseArguments,
  parseUpOptions,
  type OwnCommand,
  type ParsedArguments,
} from "./options.ts";
import { explainFailure } from "./progress.ts";
import { helpOf } from "./help.ts";

/** Exit codes: done, could not be done, was asked for wrongly, no cluster (as the command line has it), was interrupted. */
const exitCodes = { done: 0, failed: 1, usage: 2, noCluster: 3, interrupted: 130 } as const;

/** Runs one of the installer's commands and answers its exit code. */
export async function runOwnCommand(command: OwnCommand, args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, optionNames[command]);
  if (!parsed.ok) return usage(command, parsed.error.message);
  if (parsed.value.flags.has("--help")) {
    process.stdout.write(helpOf(command));
    return exitCodes.done;
  }
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    return await perform(command, parsed.value, abort.signal);
  } catch (error) {
    explainFailure(error);
    if (abort.signal.aborted) return exitCodes.interrupted;
    return (error instanceof Failure ? error.exitCode : undefined) ?? exitCodes.failed;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

async function perform(
  command: OwnCommand,
  parsed: ParsedArguments,
  signal: AbortSignal,
): Promise<number> {
  const dir = clusterDir(parsed.values.get("--dir"));
  switch (command) {
    case "up": {
      const options = parseUpOptions(parsed);
      const { forgetNewDir, up } = await import("./up.ts");
      if (!options.ok) {
        forgetNewDir(dir);
        return usage(command, options.error.message);
      }
      const { formatUp, upAnswer } = await import("./up-answer.ts");
      const outcome = await up(dir, options.value, signal);
      const { json } = options.value;
      answer(formatUp(outcome, dir), json ? upAnswer(outcome.cluster) : undefined);
      return exitCodes.done;
    }
    case "down": {
      const { down } = await import("./down.ts");
      const { ended } = await down(dir, { keepState: parsed.flags.has("--keep-state") });
      const left = parsed.flags.has("--keep-state") ? "its state is kept" : "nothing of it is left";
      const lines = ended.map((id) => `tutti-${id} has ended; ${left}\n`);
      const text = ended.length === 0 ? `no cluster in ${dir}\n` : lines.join("");
      answer(text, parsed.flags.has("--json") ? { ended } : undefined);
      return exitCodes.done;
    }
    case "status":
      return showStatus(dir, parsed.flags.has("--json"));
    case "setup":
      return setUp(parsed.values.get("--for") ?? "up");
  }
}

/** Answers go to standard output: with `--json` those for programs alone. Rule MAC29. */
function answer(text: string, json: object | undefined): void {
  if (json === undefined) {
    process.stdout.write(text);
    return;
  }
  process.stderr.write(text);
  process.stdout.write(`${JSON.stringify(json)}\n`);
}

async function showStatus(dir: string, json: boolean): Promise<number> {
  const { readCluster } = await import("./cluster-state.ts");
  const cluster = readCluster(dir);
  if (cluster === undefined)
    throw new Failure(`There is no cluster in ${dir}.`, {
      wayOut: "Start one with ./tutti up, or name its directory with --dir.",
      exitCode: exitCodes.noCluster,
    });
  const { clusterStatus, formatStatus } = await import("./status.ts");
  const machines = clusterStatus(dir, cluster);
  process.stdout.write(
    json ? `${JSON.stringify({ machines })}\n` : `${formatStatus(cluster, machines)}\n`,
  );
  return exitCodes.done;
}

async function setUp(what: string): Promise<number> {
  if (what !== "up" && what !== "test") return usage("setup", `--for is up or test, not "${what}"`);
  const { setUpMachine } = await import("./setup.ts");
  await setUpMachine((text) => process.stderr.write(`set-up: ${text}\n`));
  return exitCodes.done;
}

function usage(command: OwnCommand, message: string): number {
  process.stderr.write(`tutti ${command}: ${message}\n  see: ./tutti ${command} --help\n`);
  return exitCodes.usage;
}
