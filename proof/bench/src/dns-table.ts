import type { Fact } from "@tutti/discovery-v1";
import { openDnsForwarder } from "@tutti/dns-forwarder";
import { openMesosDns } from "@tutti/mesos-dns";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { dnsFacts, type DnsSize } from "./dns-facts.ts";

function heldMb(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

// One run in a process of its own, with --expose-gc: the size as JSON; what it took goes to stdout as JSON. The facts
// come as text, as from discovery's stream, so that each has strings of its own.
const size = JSON.parse(process.argv[2] ?? "{}") as DnsSize;
const lines = [...dnsFacts(size)].map((fact) => JSON.stringify(fact));
const mesosDns = await openMesosDns({ listen: [], version: "bench", wallMs: () => Date.now() });
const forwarder = await openDnsForwarder({
  listen: [],
  upstreams: [],
  zones: [mesosDns.zone],
  tableAgeMs: () => 0,
  version: "bench",
  clock: systemClock,
  random: cryptoRandom,
});
const before = heldMb();
const facts = lines.map((line) => JSON.parse(line) as Fact);
const cpu = process.cpuUsage();
const start = performance.now();
mesosDns.replace(facts);
forwarder.replace(facts);
const buildMs = performance.now() - start;
const used = process.cpuUsage(cpu);
const tableMb = heldMb() - before;
const changes = 2000;
const changeStart = performance.now();
for (let index = 0; index < changes; index += 1) {
  const fact = facts[facts.length - 1 - index];
  if (fact?.kind !== "task") continue;
  const change = { remove: [], put: [{ ...fact, serving: false }] };
  mesosDns.apply(change);
  forwarder.apply(change);
}
const changeUs = ((performance.now() - changeStart) * 1000) / changes;
process.stdout.write(
  JSON.stringify({
    buildMs,
    cpuMs: (used.user + used.system) / 1000,
    tableMb,
    changeUs,
    facts: facts.length,
  }),
);
