import type { TaskInfo } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";

/**
 * How long SIGTERM is held when a task is to be killed that stands behind a virtual IP (a port with a label
 * `VIP…`, or a task label `VIP_PORT…`; any case), so that every machine can take it out before it stops
 * answering: the label `drainSeconds` of the task, else of its DiscoveryInfo, else of the port; 2 s when there is none or
 * it is no number of seconds, at most our bound. Undefined: nothing is held. Rule EXE17.
 */
export function drainMsOf(task: TaskInfo): number | undefined {
  const ports = task.discovery?.ports?.ports ?? [];
  const portLabels = ports.flatMap(({ labels }) => labels?.labels ?? []);
  const taskLabels = task.labels?.labels ?? [];
  const hasVip =
    portLabels.some(({ key }) => /^vip/i.test(key)) ||
    taskLabels.some(({ key }) => /^vip_port/i.test(key));
  if (!hasVip) return undefined;
  const all = [...taskLabels, ...(task.discovery?.labels?.labels ?? []), ...portLabels];
  const text = all.find(({ key }) => key === "drainSeconds")?.value ?? "";
  const seconds = /^\d{1,9}(?:\.\d{1,9})?$/.test(text.trim()) ? Number(text) : undefined;
  const drainMs = seconds === undefined ? limits.drainMsDefault : Math.round(seconds * 1000);
  return drainMs === 0 ? undefined : Math.min(drainMs, limits.drainMsMax);
}
