/**
 * Writes `trace STEP TASK NANOSECONDS` (monotonic, comparable between processes of one machine) to standard
 * error when `TUTTI_TRACE_LAUNCH=1`, else nothing. Read by the benchmark of launches.
 */
export function traceLaunch(step: "accept" | "spawn", taskId: string | undefined): void {
  if (!traced || taskId === undefined) return;
  process.stderr.write(`trace ${step} ${taskId} ${String(process.hrtime.bigint())}\n`);
}

const traced = process.env["TUTTI_TRACE_LAUNCH"] === "1";
