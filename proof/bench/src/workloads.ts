import { allocationCycles } from "./allocation-cycle-workload.ts";
import { masterMemory } from "./master-memory-workload.ts";
import {
  addAndUpdateAgent,
  declineOffers,
  largeAndSmallQuota,
  nonQuotaVsQuota,
  resourceLabels,
  suppressOffers,
} from "./mesos-workloads.ts";
import { scaleUpApp } from "./scale-up-workload.ts";
import { simulation } from "./simulation-workload.ts";
import { launchThroughput } from "./throughput-workload.ts";

/** What can be run in a process of its own, by name. Parameters and results are JSON. */
export const workloads = {
  allocationCycles,
  declineOffers,
  resourceLabels,
  suppressOffers,
  addAndUpdateAgent,
  largeAndSmallQuota,
  nonQuotaVsQuota,
  masterMemory,
  launchThroughput,
  simulation,
  scaleUpApp,
} as const;
