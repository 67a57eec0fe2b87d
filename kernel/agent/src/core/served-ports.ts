import type { TaskInfo } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";

/**
 * Ports of a task that stand behind virtual IPs: those of its DiscoveryInfo with a label `VIP…`, and for a task label
 * `VIP_PORTn` its n-th `ports` resource; any case. At most `limits.servedPortsMax`.
 */
export function servedPortsOf(info: TaskInfo): readonly number[] {
  const described = info.discovery?.ports?.ports ?? [];
  const ports = new Set<number>();
  for (const { number, labels } of described)
    if ((labels?.labels ?? []).some(({ key }) => /^vip/i.test(key))) ports.add(number);
  for (const { key } of info.labels?.labels ?? []) {
    const index = /^vip_port(\d{1,4})$/i.exec(key)?.[1];
    if (index === undefined) continue;
    const port = resourcePort(info, Number(index)) ?? described[Number(index)]?.number;
    if (port !== undefined) ports.add(port);
  }
  return [...ports].slice(0, limits.servedPortsMax);
}

function resourcePort({ resources = [] }: TaskInfo, index: number): number | undefined {
  let left = index;
  for (const { name, ranges } of resources) {
    if (name !== "ports") continue;
    for (const { begin, end } of ranges?.range ?? []) {
      const [first, last] = [Number(begin), Number(end)];
      if (left <= last - first) return first + left;
      left -= last - first + 1;
    }
  }
  return undefined;
}
