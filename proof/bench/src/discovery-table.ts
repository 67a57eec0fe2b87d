import { Discovery, eventFromWire } from "@tutti/discovery/core";
import { healthJson, snapshotJson } from "./discovery-cluster.ts";
import type { ClusterSize } from "./discovery-cluster.ts";

const random = { next: () => 0.5, below: () => 0, uuid: () => "" };
const changes = 2000;

function heapMb(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

// One run in a process of its own, with --expose-gc: the size as JSON; what it took goes to stdout as JSON.
const size = JSON.parse(process.argv[2] ?? "{}") as ClusterSize;
const text = JSON.stringify(snapshotJson(size));
const env = { monoMs: 0, wallMs: 0, random };
const discovery = new Discovery();
discovery.recover({ epoch: 1, names: [], facts: [] }, env);
const before = heapMb();
const cpuBefore = process.cpuUsage();
const start = performance.now();
const event = eventFromWire(JSON.parse(text));
const readMs = performance.now() - start;
if (event === undefined) throw new Error("the snapshot is one");
discovery.step({ type: "master", event }, env);
const buildMs = performance.now() - start;
const used = process.cpuUsage(cpuBefore);
const wholeMb = heapMb() - before;
const startChanges = performance.now();
for (let number = 0; number < changes; number += 1) {
  const change = eventFromWire(healthJson(size, number % (size.apps * size.tasksPerApp), false));
  if (change !== undefined) discovery.step({ type: "master", event: change }, env);
}
const changeMs = (performance.now() - startChanges) / changes;
process.stdout.write(
  JSON.stringify({
    readMs,
    buildMs,
    cpuMs: (used.user + used.system) / 1000,
    // The event stays alive until here, as it does not in a running discovery.
    tableMb: wholeMb,
    textMb: text.length / 1e6,
    changeMs,
    vips: discovery.counts.vips,
    backends: discovery.counts.backends,
    alive: event.type,
  }),
);
