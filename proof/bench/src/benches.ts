import { benchAcceptToSpawn } from "./accept-to-spawn.ts";
import { benchAllocationCycle } from "./allocation-cycle.ts";
import { benchContainers } from "./containers.ts";
import { benchDns, benchDnsTable } from "./dns.ts";
import { benchDownload } from "./download.ts";
import { benchEventFanOut } from "./event-fan-out.ts";
import { benchIdle } from "./idle.ts";
import type { BenchReport } from "./measure.ts";
import { benchMasterMemory } from "./master-memory.ts";
import { benchMesosAllocator } from "./mesos-allocator.ts";
import { benchPostToRunning } from "./post-to-running.ts";
import { benchReads } from "./reads.ts";
import { benchRecordLive } from "./record-live.ts";
import { benchScaleUp } from "./scale-up.ts";
import { benchSimulation } from "./simulation.ts";
import { benchThroughput } from "./throughput.ts";
import { benchUp } from "./up.ts";
import { benchVip } from "./vip.ts";
import { benchDiscovery } from "./discovery.ts";

/** One benchmark of `./tutti bench`. */
export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** About how long it takes on 2 quiet cores, in seconds. */
  readonly seconds: number;
  readonly run: () => Promise<BenchReport>;
}

/** All benchmarks, in the order of `docs/benchmarks.md`. */
export const benches: readonly Bench[] = [
  {
    name: "up",
    summary: "from `./tutti up` to its last line",
    seconds: 25,
    run: benchUp,
  },
  {
    name: "post-to-running",
    summary: "from POST /v2/apps to a running container",
    seconds: 80,
    run: benchPostToRunning,
  },
  {
    name: "accept-to-spawn",
    summary: "from ACCEPT to the start of a process and to RUNNING",
    seconds: 120,
    run: benchAcceptToSpawn,
  },
  {
    name: "containers",
    summary: "200 tasks at once on one agent, and what watching over them costs",
    seconds: 375,
    run: benchContainers,
  },
  {
    name: "idle",
    summary: "memory and processor time of a cluster that does nothing",
    seconds: 130,
    run: benchIdle,
  },
  {
    name: "reads",
    summary: "reads a second of the master",
    seconds: 80,
    run: benchReads,
  },
  {
    name: "download",
    summary: "a file of 1 GB out of a sandbox, and what the agent holds meanwhile",
    seconds: 15,
    run: benchDownload,
  },
  {
    name: "events",
    summary: "one event of Marathon to 500 listeners",
    seconds: 35,
    run: benchEventFanOut,
  },
  {
    name: "allocation-cycle",
    summary: "one cycle of the allocator, up to 50,000 agents and 6,000 frameworks",
    seconds: 75,
    run: benchAllocationCycle,
  },
  {
    name: "mesos-allocator",
    summary: "Mesos's own allocator benchmarks",
    seconds: 110,
    run: benchMesosAllocator,
  },
  {
    name: "throughput",
    summary:
      "tasks a second through the master's core, with up to 50,000 agents, and through the codecs",
    seconds: 320,
    run: benchThroughput,
  },
  {
    name: "master-memory",
    summary: "memory of the master for each agent and task, up to 400,000 tasks",
    seconds: 110,
    run: benchMasterMemory,
  },
  {
    name: "record-live",
    summary: "from a task that runs or is killed to a machine's DNS and kernel",
    seconds: 80,
    run: benchRecordLive,
  },
  {
    name: "vip",
    summary: "changes, shares and cost of virtual IPs, with 30,000 of them",
    seconds: 290,
    run: benchVip,
  },
  {
    name: "dns",
    summary: "DNS queries a second, beside unbound and nsd",
    seconds: 95,
    run: benchDns,
  },
  {
    name: "dns-table",
    summary: "the DNS zones of a machine with 100,000 tasks",
    seconds: 40,
    run: benchDnsTable,
  },
  {
    name: "discovery",
    summary: "a table of 100,000 tasks, and 1,000 machines that follow 100 changes a second",
    seconds: 330,
    run: benchDiscovery,
  },
  {
    name: "simulation",
    summary: "how much faster than real time a simulated cluster under faults runs",
    seconds: 270,
    run: benchSimulation,
  },
  {
    name: "scale-up",
    summary: "one simulated app from ten to 50,000 instances, without a wrong kill",
    seconds: 310,
    run: benchScaleUp,
  },
];
