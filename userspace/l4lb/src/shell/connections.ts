import { Fault } from "@tutti/base";
import { formatAddress, parseAddress } from "../core/index.ts";
import type { Family, Flow } from "../core/index.ts";
import { limits } from "./limits.ts";
import type { ToolShell } from "./tool-shell.ts";

/** Connections through VIPs, by `tcp 11.0.0.1 80 > 10.0.0.2 8080`. */
export type ConnectionCounts = ReadonlyMap<string, number>;

/** Which lines of the table count. */
type Counts = (line: string) => boolean;

/** The key of a VIP and a backend in the counts. */
export function countKey(vip: string, backend: string): string {
  return `${vip} > ${backend}`;
}

/**
 * Forgets the connections of these flows and of no other: their next packet is a new connection, which reaches a
 * backend that is there, or is refused. The whole table is never flushed. Throws a `Fault`.
 */
export async function cutConnections(tools: ToolShell, flows: readonly Flow[]): Promise<void> {
  const present = await withConnections(tools, flows);
  for (let start = 0; start < present.length; start += limits.cutsPerCommandMax) {
    const lines = present.slice(start, start + limits.cutsPerCommandMax).map(({ vip, backend }) => {
      const [address = "", port = ""] = backend.split(" . ");
      const family = vip.family === 4 ? "ipv4" : "ipv6";
      return (
        `-D -f ${family} -p ${vip.protocol} -d ${vip.address} --dport ${vip.port}` +
        ` -r ${address} --reply-port-src ${port}`
      );
    });
    const said: string[] = [];
    const script = `cat <<'FLOWS' | conntrack -R - 2>&1\n${lines.join("\n")}\nFLOWS\n`;
    const exitCode = await tools.run(script, (line) => {
      if (said.length < limits.linesSaidMax) said.push(line);
    });
    if (exitCode !== 0)
      throw new Fault("FAILED", `conntrack: ${said.join(" ").trim()}`, { retryable: true });
  }
}

/**
 * The tool walks the whole table for each flow it is told, 14 ms for which the kernel lets nobody else work on that
 * processor: one look before tells which flows have connections at all. Where that look costs as much as the tool, one
 * flow is not looked for.
 */
async function withConnections(tools: ToolShell, flows: readonly Flow[]): Promise<readonly Flow[]> {
  const few = await countFew(tools);
  if (few === undefined && flows.length === 1) return flows;
  const families = [...new Set(flows.map(({ vip }) => vip.family))];
  const counts = few ?? (await countByTool(tools, families));
  return flows.filter(({ vip, backend }) =>
    counts.has(countKey(`${vip.protocol} ${vip.address} ${vip.port}`, backend.replace(" . ", " "))),
  );
}

/**
 * Counts connections that were translated and have not ended, by original and answering address: what the kernel only
 * remembers of one that was closed is none. None where neither the kernel's file nor the tool is there.
 */
export async function countConnections(
  tools: ToolShell,
  families: readonly Family[],
): Promise<ConnectionCounts> {
  return (await countFew(tools, hasNotEnded)) ?? countByTool(tools, families, hasNotEnded);
}

/**
 * The counts from the kernel's file of connections: it is read in a third of a millisecond where the tool takes 14, and
 * the processor stays free for others meanwhile. Undefined where the kernel has no such file, or the network namespace
 * so many connections that an older kernel reads it in quadratic time.
 */
async function countFew(
  tools: ToolShell,
  isCounted: Counts = () => true,
): Promise<ConnectionCounts | undefined> {
  const counts = new Map<string, number>();
  const file = "/proc/net/nf_conntrack";
  // A shell reads byte by byte, which settings of the kernel do not bear.
  const number = "$(cat /proc/sys/net/netfilter/nf_conntrack_count)";
  const isFew = `count=${number} && test "$count" -le ${String(limits.connectionsReadMax)}`;
  const exitCode = await tools.run(
    `test -r ${file} && ${isFew} && { test "$count" -eq 0 || cat ${file}; }\n`,
    (line) => {
      if (isCounted(line)) count(counts, line);
    },
  );
  return exitCode === 0 ? counts : undefined;
}

async function countByTool(
  tools: ToolShell,
  families: readonly Family[],
  isCounted: Counts = () => true,
): Promise<ConnectionCounts> {
  const counts = new Map<string, number>();
  for (const family of families) {
    const name = family === 4 ? "ipv4" : "ipv6";
    await tools.run(`conntrack -L -f ${name} 2>/dev/null </dev/null\n`, (line) => {
      if (isCounted(line)) count(counts, line);
    });
  }
  return counts;
}

/** Whether a line of the table is of a connection that has not ended: TCP's are remembered for two minutes. */
export function hasNotEnded(line: string): boolean {
  return !/^(?:ipv[46] +\d+ )?tcp +\d+ \d+ (?:TIME_WAIT|CLOSE) /.test(line);
}

function count(counts: Map<string, number>, line: string): void {
  const key = translated(line);
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
}

const flowPattern =
  /^(?:ipv[46] +\d+ )?(tcp|udp) .*?src=\S+ dst=(\S+) sport=\d+ dport=(\d+) .*?src=(\S+) dst=\S+ sport=(\d+) /;

/**
 * The key of a line of the table, as the tool or the kernel's file has it; undefined when the destination was not
 * translated.
 */
export function translated(line: string): string | undefined {
  const match = flowPattern.exec(line);
  if (match === null) return undefined;
  const [, protocol = "", to = "", port = "", from = "", backendPort = ""] = match;
  if (to === from && port === backendPort) return undefined;
  return countKey(`${protocol} ${short(to)} ${port}`, `${short(from)} ${backendPort}`);
}

/** The file has IPv6 addresses in full; VIPs and the tool have them as short as they can be. */
function short(text: string): string {
  const address = text.includes(":") ? parseAddress(text) : undefined;
  return address === undefined ? text : formatAddress(address);
}
