import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import type { MachineLoad } from "../../core/index.ts";

/** What the machine says of itself now. */
export function readMachineLoad(): MachineLoad {
  return {
    cpuCount: availableParallelism(),
    loads: loadavg(),
    memTotalBytes: totalmem(),
    memFreeBytes: freemem(),
    uptimeSeconds: process.uptime(),
  };
}
