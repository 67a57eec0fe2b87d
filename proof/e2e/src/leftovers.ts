import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { host } from "./cluster.ts";

/** Everything on this machine that bears a cluster's mark, one line each, sorted. */
export async function leftovers(mark: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const line of (await host("ip", "netns", "list")).split("\n"))
    if (line.includes(mark)) found.push(`namespace ${line}`);
  for (const line of (await host("ip", "-o", "link")).split("\n"))
    if (line.includes(mark)) found.push(`link ${line}`);
  for (const line of (await host("nft", "list", "tables")).split("\n"))
    if (line.includes(mark)) found.push(`table ${line}`);
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n"))
    if (line.includes(mark)) found.push(`mount ${line}`);
  found.push(...cgroups("/sys/fs/cgroup", mark, 0));
  found.push(...processes(mark));
  return found.toSorted();
}

function cgroups(dir: string, mark: string, depth: number): string[] {
  if (depth > 6) return [];
  const found: string[] = [];
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = `${dir}/${entry.name}`;
    if (entry.name.includes(mark)) found.push(`cgroup ${path}`);
    else found.push(...cgroups(path, mark, depth + 1));
  }
  return found;
}

function processes(mark: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const workDir = readlinkSync(`/proc/${pid}/cwd`);
      if (commandLine.includes(mark) || workDir.includes(mark))
        found.push(`process ${pid} ${commandLine}`);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}
