import { createSocket, type Socket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { createServer } from "node:net";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@tutti/discovery-v1";
import { askByTcp, askByUdp, startDnsServer } from "@tutti/dns-sockets";
import { fetchJson } from "@tutti/http";
import { expect, test } from "vitest";
import { startNode } from "./start-node.ts";

const facts: readonly Fact[] = [
  { kind: "master", index: 0, address: "10.0.0.1", port: 5050, leader: true },
  { kind: "agent", id: "a-S0", hostname: "h", address: "10.1.0.1", port: 5051 },
  { kind: "framework", id: "m", name: "marathon", active: true },
  {
    kind: "task",
    frameworkId: "m",
    taskId: "web.1",
    name: "web",
    agentId: "a-S0",
    serving: true,
    containerAddresses: [],
    portsMapped: false,
    ports: [],
  },
  {
    kind: "vip",
    address: "11.0.0.1",
    port: 80,
    protocol: "tcp",
    names: ["web.marathon"],
    backends: [],
  },
];

const names = ["web.marathon.mesos", "leader.mesos", "web.marathon.autoip.dcos.thisdcos.directory"];

function question(name: string): Uint8Array {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Uint8Array.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Asks all names again and again, and remembers every code that was said, with how many answers. */
function askOn(socket: Socket, dnsPort: number, names: readonly string[]) {
  const said = new Set<string>();
  let count = 0;
  socket.on("message", (reply) => {
    count += 1;
    said.add(`rcode ${(reply[3] ?? 0) & 15}, ${reply[7] ?? 0} answers`);
  });
  // Before the port is open, the system says so: that is no answer.
  socket.on("error", () => undefined);
  const messages = names.map(question);
  const timer = setInterval(() => {
    for (const message of messages) socket.send(message, dnsPort, "127.0.0.1");
  }, 1);
  return { said, count: () => count, stop: () => clearInterval(timer) };
}

async function startedNode(
  stateDir: string,
  dnsPort: number,
  told: Partial<Parameters<typeof startNode>[0]> = {},
) {
  const port = await freePort();
  return startNode({
    ip: "127.0.0.1",
    port,
    hostname: "127.0.0.1",
    secret: "s",
    open: false,
    machine: "agent1",
    isMaster: false,
    masters: ["http://127.0.0.1:9"],
    // Nobody is there: only what was kept can be known.
    discoveries: ["http://127.0.0.1:9"],
    stateDir,
    dnsAddresses: ["127.0.0.1"],
    dnsPort,
    dnsBlacklist: [],
    dnsComponents: {},
    clusterCryptoId: "",
    upstreams: [],
    forwardZones: [],
    searchDomains: [],
    resolvConf: "",
    routers: [],
    virtualIps: false,
    release: "1.2.3",
    onFatal: (error) => {
      throw error;
    },
    ...told,
  });
}

/** What is said from before the process begins until 200 answers have come. */
async function saidWhileBeginning(
  table: string | undefined,
  asked: readonly string[] = names,
): Promise<Set<string>> {
  const stateDir = await mkdtemp(join(tmpdir(), "tutti-node-"));
  const dnsPort = await freePort();
  const socket = createSocket("udp4");
  const asking = askOn(socket, dnsPort, asked);
  try {
    if (table !== undefined) await writeFile(join(stateDir, "table"), table);
    const node = await startedNode(stateDir, dnsPort);
    await expect.poll(asking.count, { timeout: 60_000 }).toBeGreaterThan(200);
    asking.stop();
    await node.stop();
  } finally {
    asking.stop();
    socket.close();
    await rm(stateDir, { recursive: true, force: true });
  }
  return asking.said;
}

function keptTable(kept: readonly Fact[] = facts): string {
  const version = { epoch: 1, sequence: 1 };
  const head = { schema: 1, lineage: "l", version, heardWallMs: 0, facts: kept.length };
  return `${[head, ...kept].map((line) => JSON.stringify(line)).join("\n")}\n`;
}

test("[NAM10] DNS begins with the table that was kept: a name that is known is answered from the first question on", async () => {
  expect(await saidWhileBeginning(keptTable())).toEqual(new Set(["rcode 0, 1 answers"]));
}, 180_000);

test("[DSC40] a machine that leads nothing to virtual IPs has no names of them, kept or not", async () => {
  const said = await saidWhileBeginning(keptTable(), ["web.marathon.l4lb.thisdcos.directory"]);
  expect([...said].filter((each) => !each.endsWith(" 0 answers"))).toEqual([]);
}, 180_000);

test("[FWD44] [MDN33] without a table, or with one that is not whole, nothing is said but SERVFAIL", async () => {
  expect(await saidWhileBeginning(undefined)).toEqual(new Set(["rcode 2, 0 answers"]));
  expect(await saidWhileBeginning('{"schema":1')).toEqual(new Set(["rcode 2, 0 answers"]));
}, 180_000);

test("[FWD20] [FWD30] [FWD40] a forward zone and search domains hold as they are configured, and a wrong zone is refused", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "tutti-node-"));
  const corp = createSocket("udp4");
  corp.on("message", (message, from) => {
    // The question again, as an answer without records.
    corp.send(Buffer.from(message).fill(0x81, 2, 3).fill(0, 10, 12), from.port, from.address);
  });
  await new Promise<void>((resolve) => corp.bind(0, "127.0.0.1", resolve));
  const dnsPort = await freePort();
  const resolvConf = join(stateDir, "resolv.conf");
  const told = { resolvConf, searchDomains: ["corp.example", "lab"] };
  const forwardZones = [`corp.example=127.0.0.1:${corp.address().port}`];
  await expect(
    startedNode(stateDir, dnsPort, { ...told, forwardZones: ["corp.example"] }),
  ).rejects.toMatchObject({ code: "CONFIG" });
  const node = await startedNode(stateDir, dnsPort, { ...told, forwardZones });
  const socket = createSocket("udp4");
  const codes: number[] = [];
  socket.on("message", (reply) => codes.push((reply[3] ?? 0) & 15));
  for (const name of ["www.corp.example", "www.elsewhere.example"]) {
    const before = codes.length;
    socket.send(question(name), dnsPort, "127.0.0.1");
    await expect.poll(() => codes.length, { timeout: 60_000 }).toBe(before + 1);
  }
  // Asked of the zone's own server; elsewhere nobody can be asked.
  expect(codes).toEqual([0, 5]);
  expect(await readFile(resolvConf, "utf8")).toBe(
    "search corp.example lab\nnameserver 127.0.0.1\n",
  );
  socket.close();
  corp.close();
  await node.stop();
  await rm(stateDir, { recursive: true, force: true });
}, 180_000);

test("[MDN51] [FWD27] a master's own DNS looks up others' names as its forwarder does, and never of masters", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "tutti-node-"));
  const asked: string[] = [];
  const corp = await startDnsServer({
    address: "127.0.0.1",
    port: 0,
    receive: (query, from) => {
      asked.push(from.transport);
      // The question again, as an answer without records.
      from.reply(Buffer.from(query).fill(0x81, 2, 3).fill(0x80, 3, 4).fill(0, 10, 12));
    },
  });
  const dnsPort = await freePort();
  const ip = "127.53.0.1";
  // The other master listens, and would be asked.
  const other = await startDnsServer({
    address: "127.53.0.2",
    port: dnsPort,
    receive: () => asked.push("another master"),
  });
  const node = await startedNode(stateDir, dnsPort, {
    ip,
    isMaster: true,
    masters: [`http://${ip}:9`, "http://127.53.0.2:9"],
    forwardZones: [
      `corp.example=127.0.0.1:${corp.endpoint.port}`,
      `circle.example=${ip}:${dnsPort},127.53.0.2:${dnsPort}`,
    ],
  });
  const said = async (name: string, ask: typeof askByUdp): Promise<string> => {
    const server = { address: ip, port: dnsPort };
    const accept = (): boolean => true;
    const reply = await ask({ server, message: question(name), accept, timeoutMs: 60_000 });
    const flags = reply[3] ?? 0;
    return `rcode ${flags & 15}${(flags & 0x80) === 0 ? "" : ", RA"}`;
  };
  for (const ask of [askByUdp, askByTcp]) {
    expect(await said("www.corp.example", ask)).toBe("rcode 0, RA");
    expect(await said("ready.spartan", ask)).toBe("rcode 0, RA");
    // Nobody is left who could be asked, at once: no question goes in a circle.
    expect(await said("www.circle.example", ask)).toBe("rcode 5, RA");
    expect(await said("www.elsewhere.example", ask)).toBe("rcode 5, RA");
  }
  expect(asked).not.toContain("another master");
  const config = await fetchJson({
    method: "GET",
    url: `http://${ip}:8123/v1/config`,
    headers: { Authorization: "Bearer s" },
  });
  expect(config.json).toMatchObject({ RecurseOn: true, DnsOn: true });
  await node.stop();
  await Promise.all([corp.close(), other.close()]);
  await rm(stateDir, { recursive: true, force: true });
}, 180_000);

test("[FWD5] [FWD6] [FWD9] components, the cluster's id and addresses that are left alone hold as they are configured", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "tutti-node-"));
  await writeFile(join(stateDir, "table"), keptTable());
  const dnsPort = await freePort();
  const port = await freePort();
  const resolvConf = join(stateDir, "resolv.conf");
  const told = {
    port,
    resolvConf,
    dnsAddresses: ["127.54.0.1", "127.54.0.2"],
    dnsBlacklist: ["127.54.0.2", "127.0.0.1"],
    dnsComponents: { marathon: ["10.0.0.1", "10.0.0.2"] },
    clusterCryptoId: "bcdfgh",
    isMaster: true,
  };
  await expect(
    startedNode(stateDir, dnsPort, { ...told, clusterCryptoId: "a.b" }),
  ).rejects.toMatchObject({ code: "CONFIG" });
  const node = await startedNode(stateDir, dnsPort, told);
  // Neither the forwarder nor the master's own DNS is where it is not to be.
  for (const address of told.dnsBlacklist) {
    const other = await startDnsServer({ address, port: dnsPort, receive: () => undefined });
    await other.close();
  }
  const dns = new Resolver();
  dns.setServers([`127.54.0.1:${String(dnsPort)}`]);
  const components = [
    "marathon.component.thisdcos.directory",
    "marathon.component.bcdfgh.dcos.directory",
  ];
  for (const name of components)
    expect((await dns.resolve4(name)).toSorted()).toEqual(["10.0.0.1", "10.0.0.2"]);
  const task = "web.marathon.autoip.dcos.bcdfgh.dcos.directory";
  expect(await dns.resolve4(task)).toEqual(["10.1.0.1"]);
  await expect(dns.resolve4("web.component.thisdcos.directory")).rejects.toMatchObject({
    code: "ENOTFOUND",
  });
  expect(await readFile(resolvConf, "utf8")).toBe("nameserver 127.54.0.1\n");
  await node.stop();
  await rm(stateDir, { recursive: true, force: true });
}, 180_000);

test("[FWD42] two tasks of one name on one agent have each of their shared records once", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "tutti-node-"));
  const more = facts.flatMap((fact) =>
    fact.kind === "task" ? [{ ...fact, taskId: "web.2" }] : [],
  );
  await writeFile(join(stateDir, "table"), keptTable([...facts, ...more]));
  const port = await freePort();
  const node = await startedNode(stateDir, await freePort(), { port });
  const { json } = await fetchJson({
    method: "GET",
    url: `http://127.0.0.1:${String(port)}/v1/records`,
    headers: { Authorization: "Bearer s" },
  });
  const lines = (json as readonly unknown[]).map((record) => JSON.stringify(record));
  expect(lines).toContain('{"name":"web.marathon.mesos","host":"10.1.0.1","rtype":"A"}');
  expect(lines.filter((line, at) => lines.indexOf(line) < at)).toEqual([]);
  await node.stop();
  await rm(stateDir, { recursive: true, force: true });
}, 180_000);
