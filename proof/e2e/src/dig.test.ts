import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Fact } from "@tutti/discovery-v1";
import { openDnsForwarder, type DnsForwarder } from "@tutti/dns-forwarder";
import { openMesosDns, type MesosDns } from "@tutti/mesos-dns";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const digProgram = "dig";
const facts: readonly Fact[] = [
  { kind: "master", index: 0, address: "10.0.0.1", port: 5050, leader: true },
  { kind: "framework", id: "m", name: "marathon", active: true },
  { kind: "agent", id: "c-S1", hostname: "one", address: "10.1.0.1", port: 5051 },
  {
    kind: "vip",
    address: "11.0.0.1",
    port: 80,
    protocol: "tcp",
    names: ["web.marathon"],
    backends: [],
  },
  ...Array.from({ length: 50 }, (_unused, index) => ({
    kind: "task" as const,
    frameworkId: "m",
    taskId: `web.${index}`,
    name: "web.shop",
    agentId: "c-S1",
    serving: true,
    containerAddresses: [`9.0.0.${index + 1}`, `fd00::${index + 1}`],
    portsMapped: false,
    ports: [31_000],
  })),
];

let mesosDns: MesosDns;
let forwarder: DnsForwarder;

beforeAll(async () => {
  await installDig();
  mesosDns = await openMesosDns({
    listen: [{ address: "127.0.0.1", port: 0 }],
    version: "test",
    wallMs: () => systemClock.wallMs(),
  });
  mesosDns.replace(facts);
  forwarder = await openDnsForwarder({
    listen: [{ address: "127.0.0.1", port: 0 }],
    // Names that are nobody's are asked of mesos-dns, which refuses them, and which knows its own.
    upstreams: mesosDns.listening,
    forwardZones: {},
    tableAgeMs: () => 0,
    version: "test",
    clock: systemClock,
    random: cryptoRandom,
  });
  forwarder.replace(facts);
}, 180_000);

afterAll(async () => {
  await forwarder.close();
  await mesosDns.close();
});

/** Debian's dig, installed if it is not there. */
async function installDig(): Promise<void> {
  try {
    await run(digProgram, ["-v"]);
  } catch {
    await run("sh", [
      "-c",
      "apt-get install -y --no-install-recommends bind9-dnsutils || { apt-get update && apt-get install -y --no-install-recommends bind9-dnsutils; }",
    ]);
  }
}

/** What dig says, line by line; malformed answers make it complain on the way. */
async function dig(server: MesosDns | DnsForwarder, ...words: string[]): Promise<string[]> {
  const port = String(server.listening[0]?.port);
  const where = ["@127.0.0.1", "-p", port, "+tries=1", "+time=5", "+nocookie"];
  const { stdout } = await run(digProgram, [...where, ...words]);
  expect(stdout).not.toMatch(
    /malformed|parse error|unexpected|extra bytes|Message parser|Truncated packet/i,
  );
  return stdout.trim().split("\n");
}

test("[MDN1] [DNS11] dig gets all addresses: with EDNS at once, without over TCP after a cut answer", async () => {
  for (const server of [mesosDns, forwarder]) {
    expect((await dig(server, "web-shop.marathon.mesos", "+short")).length).toBe(50);
    expect((await dig(server, "web-shop.marathon.mesos", "+short", "+noedns")).length).toBe(50);
    const cut = await dig(server, "web-shop.marathon.mesos", "+noedns", "+ignore");
    expect(cut.join("\n")).toMatch(/flags: qr (aa )?tc/);
  }
});

test("[MDN1] [DNS4] [DNS16] dig sees IPv6, spelling and EDNS", async () => {
  const text = (await dig(mesosDns, "WEB-shop.Marathon.mesos", "AAAA", "+bufsize=4096")).join("\n");
  expect(text).toMatch(/^WEB-shop\.Marathon\.mesos\.\s+5\s+IN\s+AAAA\s+fd00::/m);
  expect(text).toMatch(/EDNS: version: 0, flags:; udp: 1232/);
});

test("[MDN10] [MDN12] dig finds services with their addresses", async () => {
  const text = (await dig(mesosDns, "_web-shop._tcp.marathon.mesos", "SRV", "+tcp")).join("\n");
  expect(
    text.match(/IN\s+SRV\s+0 1 31000 web-shop-[a-z0-9]{5}-s1\.marathon\.slave\.mesos\./g)?.length,
  ).toBe(50);
  expect(text).toMatch(
    /^web-shop-[a-z0-9]{5}-s1\.marathon\.slave\.mesos\.\s+5\s+IN\s+A\s+10\.1\.0\.1$/m,
  );
});

test("[MDN22] [DNS3] dig is told what is not there, and what is not done", async () => {
  const status = async (server: MesosDns | DnsForwarder, ...words: string[]): Promise<string> => {
    const text = (await dig(server, ...words)).join("\n");
    return /status: ([A-Z]+)/.exec(text)?.[1] ?? text;
  };
  expect(await status(mesosDns, "nobody.marathon.mesos")).toBe("NXDOMAIN");
  expect(await status(mesosDns, "leader.mesos", "TXT")).toBe("NOERROR");
  expect(await status(mesosDns, "example.org")).toBe("REFUSED");
  expect(await status(mesosDns, "leader.mesos", "CH")).toBe("REFUSED");
  expect(await status(mesosDns, "mesos", "+opcode=2")).toBe("NOTIMP");
  expect(await status(mesosDns, "mesos", "+edns=1", "+noednsnegotiation")).toBe("BADVERS");
  expect(await status(forwarder, "nobody.marathon.l4lb.thisdcos.directory")).toBe("NXDOMAIN");
});

test("[FWD1] [FWD3] [FWD28] dig finds tasks, VIPs and, through the upstream, others' names", async () => {
  const auto = "web-shop.marathon.autoip.dcos.thisdcos.directory";
  expect((await dig(forwarder, auto, "+short")).length).toBe(50);
  expect(await dig(forwarder, "web.marathon.l4lb.thisdcos.directory", "+short")).toEqual([
    "11.0.0.1",
  ]);
  expect(await dig(forwarder, "leader.mesos", "+short")).toEqual(["10.0.0.1"]);
  const text = (await dig(forwarder, "Leader.mesos", "+dnssec", "+cdflag")).join("\n");
  expect(text).toMatch(/flags: qr rd ra cd;/);
  expect(text).toMatch(/^Leader\.mesos\.\s+[0-5]\s+IN\s+A\s+10\.0\.0\.1$/m);
});
