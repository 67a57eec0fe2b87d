import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { agentAddress, agentOf, type DnsSize } from "./dns-facts.ts";

/** A DNS server under test: its process answers on `port` of loopback. */
export interface DnsPeer {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
}

/** Programs of Debian, with their packages, that this benchmark needs. */
const programs = { dnsperf: "dnsperf", unbound: "unbound", nsd: "nsd", dig: "bind9-dnsutils" };

const [aptGet, dig] = ["apt-get", "dig"] as const;

/** Installs what is missing of dnsperf, unbound, nsd and dig; throws a sentence that says what to do by hand. */
export function installDnsPrograms(): void {
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
  const isThere = (program: string): boolean => {
    try {
      execFileSync("sh", ["-c", `command -v ${program}`], { env, stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
  const missing = Object.entries(programs).flatMap(([program, name]) =>
    isThere(program) ? [] : [name],
  );
  if (missing.length === 0) return;
  const command = ["install", "-y", "--no-install-recommends", ...missing];
  try {
    // The packages start servers of their own on port 53, which nobody asked for.
    const quiet = { ...env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    execFileSync(aptGet, ["update"], { env: quiet, stdio: "ignore" });
    execFileSync(aptGet, command, { env: quiet, stdio: "ignore" });
  } catch (error) {
    throw new Error(
      `this benchmark needs ${missing.join(", ")}: as root, ${aptGet} ${command.join(" ")}`,
      { cause: error },
    );
  }
}

/** `app-1.marathon.mesos. 5 IN A 10.1.0.1` for every task. */
function* recordLines(size: DnsSize): Iterable<string> {
  for (let app = 0; app < size.apps; app += 1) {
    for (let task = 0; task < size.tasksPerApp; task += 1) {
      const address = agentAddress(agentOf(app, task, size));
      yield `app-${app}.marathon.mesos. 5 IN A ${address}`;
    }
  }
}

/**
 * Where servers and clients of one run are: a network namespace of their own, so that nobody else's packet filter or
 * connection tracking is paid for in every answer; without root, the machine's.
 */
export interface DnsPlace {
  /** What to put before a command so that it runs there. */
  readonly prefix: readonly string[];
  readonly leave: () => void;
}

/** Makes the place; `leave` takes it away. */
export function enterDnsPlace(): DnsPlace {
  if (process.getuid?.() !== 0) return { prefix: [], leave: () => undefined };
  const name = `tutti-bench-dns-${process.pid}`;
  const ip = (...argv: readonly string[]): void => {
    execFileSync("ip", argv, { stdio: "ignore" });
  };
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
  return {
    prefix: ["nsenter", `--net=/run/netns/${name}`, "--"],
    leave: () => ip("netns", "del", name),
  };
}

/**
 * Starts our forwarder, with a second thread when busy and without, the least that Node allows, and unbound and nsd on the
 * same data; done when all answer.
 */
export async function startDnsPeers(
  dir: string,
  size: DnsSize,
  { prefix }: DnsPlace,
): Promise<DnsPeer[]> {
  const sbin = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
  const start = (name: string, port: number, argv: readonly string[]): DnsPeer => {
    const [program = "", ...rest] = [...prefix, ...argv];
    return { name, port, process: spawn(program, rest, { stdio: "ignore", env: sbin }) };
  };
  const program = fileURLToPath(new URL("./dns-server.ts", import.meta.url));
  const skeleton = fileURLToPath(new URL("./dns-skeleton.ts", import.meta.url));
  const ours = [process.execPath, program, JSON.stringify(size)] as const;
  const peers = [
    start("Tutti", 15_301, [...ours, "15301"]),
    start("Tutti with one thread", 15_304, [...ours, "15304", "alone"]),
    start("a Node skeleton", 15_305, [process.execPath, skeleton, "15305"]),
    start("a Node skeleton in two processes", 15_306, [process.execPath, skeleton, "15306", "2"]),
    start("unbound", 15_302, ["unbound", "-d", "-c", writeUnboundConfig(dir, 15_302, size)]),
    start("nsd", 15_303, ["nsd", "-d", "-c", writeNsdConfig(dir, 15_303, size)]),
  ];
  try {
    for (const peer of peers) await untilItAnswers(peer, size, prefix);
  } catch (error) {
    await Promise.all(peers.map(endPeer));
    throw error;
  }
  return peers;
}

/** Ends a peer, and waits until it has ended the processes that it began. */
export async function endPeer({ process: child }: DnsPeer): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const tooLate = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(tooLate);
}

function writeUnboundConfig(dir: string, port: number, size: DnsSize): string {
  const file = join(dir, "unbound.conf");
  const data = [...recordLines(size)].map((line) => `  local-data: "${line}"`);
  const lines = [
    "server:",
    '  username: ""',
    '  chroot: ""',
    `  directory: "${dir}"`,
    '  pidfile: ""',
    "  use-syslog: no",
    "  interface: 127.0.0.1",
    `  port: ${port}`,
    "  num-threads: 2",
    "  so-reuseport: yes",
    "  do-daemonize: no",
    '  local-zone: "mesos." static',
    ...data,
    "remote-control:",
    "  control-enable: no",
    "",
  ];
  writeFileSync(file, lines.join("\n"));
  return file;
}

function writeNsdConfig(dir: string, port: number, size: DnsSize): string {
  const [file, zone] = [join(dir, "nsd.conf"), join(dir, "mesos.zone")];
  mkdirSync(join(dir, "nsd"));
  const head =
    "mesos. 5 IN SOA ns1.mesos. root.ns1.mesos. 1 60 600 86400 1\nmesos. 5 IN NS ns1.mesos.";
  const own = "ns1.mesos. 5 IN A 10.0.0.1";
  writeFileSync(zone, `${[head, own, ...recordLines(size)].join("\n")}\n`);
  const lines = [
    "server:",
    '  username: ""',
    `  zonesdir: "${dir}"`,
    '  database: ""',
    `  xfrdfile: "${dir}/nsd/xfrd.state"`,
    `  xfrdir: "${dir}/nsd"`,
    `  zonelistfile: "${dir}/nsd/zone.list"`,
    '  pidfile: ""',
    "  server-count: 2",
    "  reuseport: yes",
    "  round-robin: yes",
    "  ip-address: 127.0.0.1",
    `  port: ${port}`,
    "remote-control:",
    "  control-enable: no",
    "zone:",
    '  name: "mesos"',
    `  zonefile: "${zone}"`,
    "",
  ];
  writeFileSync(file, lines.join("\n"));
  return file;
}

/** Polls with dig until the peer gives as many records as a name has. */
async function untilItAnswers(
  peer: DnsPeer,
  size: DnsSize,
  prefix: readonly string[],
): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  const where = ["@127.0.0.1", "-p", String(peer.port)];
  for (;;) {
    if (peer.process.exitCode !== null) throw new Error(`${peer.name} ended at once`);
    try {
      const name = `app-${size.apps - 1}.marathon.mesos`;
      const [program = "", ...argv] = [...prefix, dig, ...where];
      const answer = execFileSync(program, [...argv, "+short", "+time=1", "+tries=1", name, "A"]);
      const count = answer.toString().trim().split("\n").length;
      if (count === size.tasksPerApp) return;
    } catch {
      // It does not listen yet.
    }
    if (performance.now() > deadlineMs) throw new Error(`${peer.name} does not answer`);
    await rest(100);
  }
}
