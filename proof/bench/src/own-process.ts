import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { workloads } from "./workloads.ts";

type Workloads = typeof workloads;

const program = fileURLToPath(new URL("./isolated.ts", import.meta.url));
const timeoutMs = 600_000;

/** How often, and with which further options of Node. */
interface IsolationOptions {
  readonly runs?: number;
  readonly nodeOptions?: readonly string[];
}

/**
 * Runs a workload `runs` times, each time in a fresh process: no run profits from what an earlier one compiled,
 * or suffers from what it left in memory. A run that takes longer than ten minutes is a failure.
 */
export async function inOwnProcess<Name extends keyof Workloads>(
  name: Name,
  parameters: Parameters<Workloads[Name]>[0],
  { runs = 5, nodeOptions = [] }: IsolationOptions = {},
): Promise<readonly ReturnType<Workloads[Name]>[]> {
  const results: ReturnType<Workloads[Name]>[] = [];
  for (let run = 0; run < runs; run += 1) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--expose-gc",
        "--max-old-space-size=8192",
        ...nodeOptions,
        program,
        name,
        JSON.stringify(parameters),
      ],
      { timeout: timeoutMs, maxBuffer: 1 << 26 },
    );
    results.push(JSON.parse(stdout) as ReturnType<Workloads[Name]>);
  }
  return results;
}
