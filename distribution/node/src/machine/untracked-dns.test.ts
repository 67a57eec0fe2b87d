import { TestNetwork } from "@tutti/l4lb/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestMachine } from "@tutti/l4lb/testing";
import { keepDnsUntracked, leaveDnsUntracked, readUntrackedDns } from "./untracked-dns.ts";

let network: TestNetwork;
let here: TestMachine;
const reports: string[] = [];
const report = (line: string): void => void reports.push(line);

beforeAll(() => {
  network = new TestNetwork("u");
  here = network.machine();
  // With address translation, as virtual IPs need it, the kernel tracks connections.
  const nat =
    "table ip t {\nchain c {\ntype nat hook output priority -100; policy accept;\nip daddr 11.0.0.1 dnat to 10.97.0.1\n}\n}";
  here.run(["nft", "-f", "-"], `${nat}\n`);
});

afterAll(() => network.close());

/** A datagram there and back again on this port of the machine's own address. */
function exchange(port: number): void {
  const script = `
    const server = require("node:dgram").createSocket("udp4");
    server.on("message", (message, from) => server.send(message, from.port, from.address));
    server.bind(${port}, "${here.address}", () => {
      const client = require("node:dgram").createSocket("udp4");
      client.on("message", () => process.exit(0));
      client.send("x", ${port}, "${here.address}");
    });
    setTimeout(() => process.exit(1), 5000);`;
  here.run([process.execPath, "-e", script]);
}

function trackedCount(port: number): number {
  const lines = here.run(["conntrack", "-L", "-p", "udp"]).split("\n");
  return lines.filter((line) => line.includes(` dport=${port} `)).length;
}

test("[FWD45] questions to this machine's DNS make no entries in the table of connections, others do", async () => {
  const dns = { addresses: [here.address, "198.51.100.1", "fd00::1"], port: 53 };
  exchange(53);
  expect(trackedCount(53)).toBe(1);
  await leaveDnsUntracked(dns, report, here.prefix);
  // Told again, it is the same: a process that begins anew tells it anew.
  await leaveDnsUntracked(dns, report, here.prefix);
  here.run(["conntrack", "-D", "-p", "udp"]);
  exchange(53);
  exchange(54);
  expect([trackedCount(53), trackedCount(54)]).toEqual([0, 1]);
  expect(reports).toEqual([]);
});

test("[FWD45] rules that somebody else takes away are made anew, with one line of the log", async () => {
  const dns = { addresses: [here.address], port: 53 };
  const lines: string[] = [];
  await leaveDnsUntracked(dns, report, here.prefix);
  let made = await readUntrackedDns(here.prefix);
  const asMade = made;
  const keep = async () => {
    made = await keepDnsUntracked(dns, made, (line) => void lines.push(line), here.prefix);
  };
  await keep();
  expect(lines).toEqual([]);
  const disturbances = [
    "delete table ip tutti_dns",
    "flush chain ip tutti_dns output",
    // As many rules as before, but the first that fits is another.
    "insert rule ip tutti_dns output accept; delete rule ip tutti_dns output handle 5",
    "add rule ip tutti_dns prerouting udp dport 54 notrack",
    "add chain ip tutti_dns output { policy drop; }",
  ];
  for (const disturb of disturbances) {
    here.run(["nft", disturb]);
    await keep();
    await keep();
    here.run(["conntrack", "-D", "-p", "udp"]);
    exchange(54);
    exchange(53);
    expect(trackedCount(53)).toBe(0);
    expect(made).toBe(asMade);
  }
  expect(lines).toHaveLength(disturbances.length);
});

test("[FWD45] what nft refuses is reported, and DNS goes on", async () => {
  await leaveDnsUntracked({ addresses: ["198.51.100.1"], port: 70_000 }, report, here.prefix);
  expect(reports.join()).toMatch(/^DNS stays in the table of connections: /);
});
