import { openDnsForwarder } from "@tutti/dns-forwarder";
import { openMesosDns } from "@tutti/mesos-dns";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { dnsFacts, type DnsSize } from "./dns-facts.ts";

// The DNS of one machine in a process of its own: the size as JSON, the port, and whether it may have other threads. It
// serves until it is ended.
const size = JSON.parse(process.argv[2] ?? "{}") as DnsSize;
const port = Number(process.argv[3]);
const otherThreads = process.argv[4] === "alone" ? "never" : "when busy";
const mesosDns = await openMesosDns({ listen: [], version: "bench", wallMs: () => Date.now() });
const forwarder = await openDnsForwarder({
  listen: [{ address: "127.0.0.1", port }],
  upstreams: [],
  otherThreads,
  zones: [mesosDns.zone],
  tableAgeMs: () => 0,
  version: "bench",
  clock: systemClock,
  random: cryptoRandom,
});
const facts = [...dnsFacts(size)];
mesosDns.replace(facts);
forwarder.replace(facts);
