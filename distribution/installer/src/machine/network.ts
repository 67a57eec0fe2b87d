import { appendFileSync, existsSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import {
  addressV6,
  chooseSubnet,
  dnsAddresses,
  hostAddress,
  networkOf,
  neverLeaving,
  neverLeavingV6,
  parseRange,
  type AddressRange,
  type Addressing,
} from "../plan/addresses.ts";
import type { ClusterFile } from "../plan/cluster-file.ts";
import { cableName, namespaceName } from "../plan/names.ts";
import { hasIpv6 } from "./host.ts";
import { readText } from "./processes.ts";
import { CommandFailed, run, tryRun } from "./run.ts";

const netnsDir = "/run/netns";

/** All machines of a cluster in the order of their places. */
export function machinesOf(
  cluster: ClusterFile,
): readonly { readonly name: string; readonly ip: string; readonly public: boolean }[] {
  return [...cluster.masters.map((m) => ({ ...m, public: false })), ...cluster.agents];
}

/** Path of a machine's network namespace. */
export function namespacePath(cluster: ClusterFile, machine: string): string {
  return `${netnsDir}/${namespaceName(cluster.id, machine)}`;
}

/** The first /24 that is free on this machine. */
export async function findSubnet(preferred: number | undefined): Promise<number> {
  const text = await run(["ip", "-4", "-json", "route", "show", "table", "all"]);
  const routes = JSON.parse(text) as readonly { readonly dst?: string }[];
  const used = routes
    .filter((route) => route.dst !== undefined && route.dst !== "default")
    .map((route) => parseRange(route.dst ?? ""))
    .filter((range): range is AddressRange => range !== undefined && range.first !== 0);
  const subnet = chooseSubnet(used, preferred);
  if (subnet === undefined)
    throw new Error("every /24 of 10.213.0.0/16 is taken on this machine: end a cluster first");
  return subnet;
}

function addressing(cluster: ClusterFile): Addressing {
  return { prefix: "10.213", subnet: cluster.subnet };
}

/** Whether the cluster's bridge and the namespaces of all its machines stand. */
export function hasNetwork(cluster: ClusterFile): boolean {
  const names = machinesOf(cluster).map((machine) => machine.name);
  return (
    existsSync(`/sys/class/net/tutti-${cluster.id}`) &&
    names.every((name) => existsSync(namespacePath(cluster, name)))
  );
}

/** Bridge, one namespace with a cable for each machine, addresses, routes, the table of the host. */
export async function createNetwork(cluster: ClusterFile, runDir: string): Promise<void> {
  const a = addressing(cluster);
  const bridge = `tutti-${cluster.id}`;
  const machines = machinesOf(cluster);
  const lines = [
    `link add ${bridge} type bridge`,
    `addr add ${hostAddress(a)}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ];
  for (const [index, machine] of machines.entries()) {
    const namespace = namespaceName(cluster.id, machine.name);
    const cable = cableName(cluster.id, index);
    lines.push(
      `netns add ${namespace}`,
      `link add ${cable} type veth peer name eth0 netns ${namespace}`,
      `link set ${cable} master ${bridge} up`,
    );
  }
  await run(["ip", "-batch", "-"], { stdin: `${lines.join("\n")}\n` });
  await Promise.all(machines.map((machine) => setUpInside(cluster, machine)));
  await run(["nft", "-f", "-"], { stdin: hostTable(cluster) });
  // No machine has a route out by IPv6: this is for a host that forwards, and for routes that somebody adds.
  if (hasIpv6()) await tryRun(["nft", "-f", "-"], hostTableV6(cluster));
  if (!cluster.isolated) await forward(cluster, runDir);
}

async function setUpInside(
  cluster: ClusterFile,
  machine: { readonly name: string; readonly ip: string; readonly public: boolean },
): Promise<void> {
  const lines = [
    "link set lo up",
    ...dnsAddresses.map((address) => `addr add ${address}/32 dev lo`),
    `addr add ${machine.ip}/24 dev eth0`,
    "link set eth0 up",
    // The lowest rank there is: whoever sets up virtual IPs here takes precedence.
    ...neverLeaving.map((range) => `route add unreachable ${range} metric 4294967295`),
    ...(hasIpv6() ? linesV6(cluster, machine.ip) : []),
    ...(cluster.isolated ? [] : [`route add default via ${hostAddress(addressing(cluster))}`]),
  ];
  const namespace = namespaceName(cluster.id, machine.name);
  await run(["ip", "-n", namespace, "-batch", "-"], { stdin: `${lines.join("\n")}\n` });
  // A public agent offers ports below 1024 to tasks of ordinary users.
  if (machine.public)
    await run(
      ["nsenter", `--net=${netnsDir}/${namespace}`, "sh", "-c"].concat(
        "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start",
      ),
    );
}

/** An address of a network that is the cluster's own, without a route out of it; no other cluster has the same. */
function linesV6(cluster: ClusterFile, ip: string): readonly string[] {
  return [
    `addr add ${addressV6(cluster.id, ip)}/64 dev eth0 nodad`,
    ...neverLeavingV6.map((range) => `route add unreachable ${range} metric 4294967295`),
  ];
}

/** Nobody forwards IPv6 into the cluster or out of it, isolated or not. */
function hostTableV6(cluster: ClusterFile): string {
  const bridge = `"tutti-${cluster.id}"`;
  return [
    `table ip6 tutti-${cluster.id} {`,
    "chain forward {",
    "type filter hook forward priority filter; policy accept;",
    `iifname ${bridge} oifname ${bridge} accept`,
    `iifname ${bridge} drop`,
    `oifname ${bridge} drop`,
    "}",
    "}",
    "",
  ].join("\n");
}

/** Nobody forwards into the cluster; out of it only where it is not isolated, and never to another one. */
function hostTable(cluster: ClusterFile): string {
  const network = networkOf(addressing(cluster));
  const bridge = `"tutti-${cluster.id}"`;
  const out = cluster.isolated
    ? [`iifname ${bridge} drop`]
    : [`iifname ${bridge} ip daddr 10.213.0.0/16 drop`, `iifname ${bridge} accept`];
  const nat = cluster.isolated
    ? []
    : [
        "chain postrouting {",
        "type nat hook postrouting priority srcnat; policy accept;",
        `ip saddr ${network} ip daddr != ${network} masquerade`,
        "}",
      ];
  return [
    `table ip tutti-${cluster.id} {`,
    "chain forward {",
    "type filter hook forward priority filter; policy accept;",
    `iifname ${bridge} oifname ${bridge} accept`,
    `oifname ${bridge} ct state established,related accept`,
    `oifname ${bridge} drop`,
    ...out,
    "}",
    ...nat,
    "}",
    "",
  ].join("\n");
}

const forwardingFile = (device: string): string => `/proc/sys/net/ipv4/conf/${device}/forwarding`;

/** Lets the host forward for the bridge and the way out, and for nothing else; notes what it changed. */
async function forward(cluster: ClusterFile, runDir: string): Promise<void> {
  writeFileSync(forwardingFile(`tutti-${cluster.id}`), "1");
  const text = await run(["ip", "-4", "-json", "route", "show", "default"]);
  const changed = (JSON.parse(text) as readonly { readonly dev?: string }[])
    .flatMap(({ dev }) => (dev === undefined ? [] : [dev]))
    .filter((dev) => readText(forwardingFile(dev))?.trim() === "0");
  writeFileSync(`${runDir}/forwarding`, changed.join("\n"));
  for (const device of changed) writeFileSync(forwardingFile(device), "1");
}

/**
 * Takes back what `forward` changed, unless somebody else has the host forward by now. While another cluster
 * needs it, the note goes to that one: `heirRunDir`.
 */
export function stopForwarding(runDir: string, heirRunDir: string | undefined): void {
  const note = readText(`${runDir}/forwarding`) ?? "";
  if (heirRunDir !== undefined) {
    if (note !== "") appendFileSync(`${heirRunDir}/forwarding`, `\n${note}`);
    return;
  }
  if (readText("/proc/sys/net/ipv4/ip_forward")?.trim() === "1") return;
  const devices = note
    .split("\n")
    .filter((name) => name !== "" && existsSync(forwardingFile(name)));
  for (const device of devices) writeFileSync(forwardingFile(device), "0");
}

/** Removes all of it, whatever is there. */
export async function removeNetwork(clusterId: string): Promise<void> {
  for (const family of ["ip", "ip6"])
    await tryRun(["nft", "delete", "table", family, `tutti-${clusterId}`]);
  const names = (await tryRun(["ip", "netns", "list"])) ?? "";
  const namespaces = names
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name.startsWith(`tutti-${clusterId}-`));
  const links = ((await tryRun(["ip", "-o", "link", "show"])) ?? "")
    .split("\n")
    .map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? "")
    .filter((name) => name === `tutti-${clusterId}` || name.startsWith(`tt${clusterId}-`));
  const lines = [
    ...links.map((link) => `link delete ${link}`),
    ...namespaces.map((name) => `netns delete ${name}`),
  ];
  if (lines.length > 0) await tryRun(["ip", "-force", "-batch", "-"], `${lines.join("\n")}\n`);
  const left = namespaces.filter((name) => existsSync(`${netnsDir}/${name}`));
  if (left.length > 0) throw new CommandFailed(`namespaces do not go away: ${left.join(" ")}`);
}

/**
 * Takes away what `ip` made for the first namespace: its directory is a mount of its own. Namespaces of others
 * keep it.
 */
export async function removeNetnsMount(): Promise<void> {
  if (!existsSync(netnsDir) || readdirSync(netnsDir).length > 0) return;
  await tryRun(["umount", netnsDir]);
  try {
    if (readdirSync(netnsDir).length === 0) rmdirSync(netnsDir);
  } catch {
    // Somebody else uses it now.
  }
}
