import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { Fault } from "@tutti/base";
import { goneExitCode } from "./gone.ts";
import { parseNodeArguments } from "./arguments.ts";
import { parseConfig } from "./config.ts";
import { boundLogFile } from "./log-file.ts";
import { start, type Running } from "./start.ts";

/** How long a process may take to end by itself after SIGTERM. */
const stopTimeoutMs = 4_000;

/** From the first answer until what was compiled is kept for the next start. */
const flushDelayMs = 2_000;

/**
 * One process of a machine: `main.ts <master|agent|services|node> --config FILE`. Logs to standard error. SIGTERM
 * ends it and leaves the tasks running; it exits with 1 after what it cannot go on after, with 2 for arguments
 * or a configuration it does not understand, with 78 when its machine was given up for ever.
 */
async function main(): Promise<void> {
  const wanted = parseNodeArguments(process.argv.slice(2));
  if (!wanted.ok) end(2, wanted.error.message);
  const { name, configPath } = wanted.value;
  const config = parseConfig(name, readFileSync(configPath, "utf8"));
  if (!config.ok) end(2, config.error.message);
  const running = await start(name, config.value, (error) =>
    error instanceof Fault && error.code === "AGENT_GONE"
      ? end(goneExitCode, error.message)
      : end(1, describe(error)),
  );
  process.stderr.write(`${name} answers at ${running.url}\n`);
  // By itself Node keeps what it compiled only when it ends, and these processes are made not to.
  setTimeout(flushCompileCache, flushDelayMs).unref();
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      void stop(name, running);
    });
}

async function stop(name: string, running: Running): Promise<void> {
  setTimeout(
    () => end(1, `${name} did not stop within ${String(stopTimeoutMs)} ms`),
    stopTimeoutMs,
  ).unref();
  await running.stop();
  end(0, `${name} stopped`);
}

function end(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.on("uncaughtException", (error) => end(1, describe(error)));
process.on("unhandledRejection", (error) => end(1, describe(error)));
boundLogFile();
await main();
