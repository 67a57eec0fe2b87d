import { Fault } from "@tutti/base";
import type { Family, Flow } from "../core/index.ts";
import { limits } from "./limits.ts";
import type { ToolShell } from "./tool-shell.ts";

/** Connections through VIPs, by `tcp 11.0.0.1 80 > 10.0.0.2 8080`. */
export type ConnectionCounts = ReadonlyMap<string, number>;

/** The key of a VIP and a backend in the counts. */
export function countKey(vip: string, backend: string): string {
  return `${vip} > ${backend}`;
}

/**
 * Forgets the connections of these flows and of no other: their next packet is a new connection, which reaches a
 * backend that is there, or is refused. The whole table is never flushed. Throws a `Fault`.
 */
export async function cutConnections(tools: ToolShell, flows: readonly Flow[]): Promise<void> {
  const present = flows.length === 1 ? flows : await withConnections(tools, flows);
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

/** The tool walks the whole table for each flow it is told: one walk before tells which have connections at all. */
async function withConnections(tools: ToolShell, flows: readonly Flow[]): Promise<readonly Flow[]> {
  const families = [...new Set(flows.map(({ vip }) => vip.family))];
  const counts = await countConnections(tools, families);
  return flows.filter(({ vip, backend }) =>
    counts.has(countKey(`${vip.protocol} ${vip.address} ${vip.port}`, backend.replace(" . ", " "))),
  );
}

/**
 * Counts connections that were translated, by original and answering address. None where the tool is not there.
 */
export async function countConnections(
  tools: ToolShell,
  families: readonly Family[],
): Promise<ConnectionCounts> {
  const counts = new Map<string, number>();
  for (const family of families) {
    const name = family === 4 ? "ipv4" : "ipv6";
    await tools.run(`conntrack -L -f ${name} 2>/dev/null </dev/null\n`, (line) => {
      const key = translated(line);
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    });
  }
  return counts;
}

const flowPattern =
  /^(tcp|udp) .*?src=\S+ dst=(\S+) sport=\d+ dport=(\d+) .*?src=(\S+) dst=\S+ sport=(\d+) /;

/** The key of a line of the table; undefined when the destination was not translated. */
export function translated(line: string): string | undefined {
  const match = flowPattern.exec(line);
  if (match === null) return undefined;
  const [, protocol = "", address = "", port = "", backend = "", backendPort = ""] = match;
  if (address === backend && port === backendPort) return undefined;
  return countKey(`${protocol} ${address} ${port}`, `${backend} ${backendPort}`);
}
