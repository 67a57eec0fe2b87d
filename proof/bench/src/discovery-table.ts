import { Discovery, eventFromProtobuf, eventFromWire, SharedTexts } from "@tutti/discovery/core";
import { jsonCodec, messages, protobufCodec } from "@tutti/mesos-v1";
import { healthJson, snapshotJson } from "./discovery-cluster.ts";
import type { ClusterSize } from "./discovery-cluster.ts";

const random = { next: () => 0.5, below: () => 0, uuid: () => "" };
const changes = 2000;

function heapMb(): number {
  // Twice: what stands outside the heap is freed after what held it.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

/** The record that a master sends: in Protocol Buffers, or in JSON as a master without them does. */
function snapshotBytes(size: ClusterSize, format: string): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(snapshotJson(size)));
  if (format === "json") return text;
  const read = jsonCodec.decode(messages.MasterEvent, text);
  if (!read.ok) throw new Error(read.error.message);
  return protobufCodec.encode(messages.MasterEvent, read.value);
}

// One run in a process of its own, with --expose-gc: the size as JSON, and the format; what it took goes to stdout.
const [sizeText = "{}", format = "protobuf"] = process.argv.slice(2);
const size = JSON.parse(sizeText) as ClusterSize;
const bytes = snapshotBytes(size, format);
const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const texts = new SharedTexts((_part, from, to) => record.toString("utf8", from, to));
const env = { monoMs: 0, wallMs: 0, random };
const discovery = new Discovery();
discovery.recover({ epoch: 1, names: [], facts: [] }, env);
const before = heapMb();
const cpuBefore = process.cpuUsage();
const start = performance.now();
const event =
  format === "json"
    ? eventFromWire(JSON.parse(record.toString("utf8")), texts)
    : eventFromProtobuf(bytes, texts);
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
    recordMb: bytes.length / 1e6,
    changeMs,
    vips: discovery.counts.vips,
    backends: discovery.counts.backends,
    alive: event.type,
  }),
);
