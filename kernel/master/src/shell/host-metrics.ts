import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import type { HostMetrics } from "../core/read/metrics-snapshot.ts";

/** What the machine and the registry say of themselves, under Mesos's names. */
export function readHostMetrics(wallMs: number): HostMetrics {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    wallMs,
    values: {
      "system/cpus_total": availableParallelism(),
      "system/load_1min": one,
      "system/load_5min": five,
      "system/load_15min": fifteen,
      "system/mem_free_bytes": freemem(),
      "system/mem_total_bytes": totalmem(),
      "registrar/log/ensemble_size": 1,
      "registrar/log/recovered": 1,
      "registrar/queued_operations": 0,
    },
  };
}
