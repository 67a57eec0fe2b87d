import type { TaskInfo } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";

/** How SIGTERM is held of a task behind a virtual IP. */
export interface Drain {
  /** The whole hold: SIGTERM follows after it, whoever is still led or connected to the task. */
  readonly drainMs: number;
  /** Once nobody is led to the task any more, connections are waited for so long; absent: as long as the hold lasts. */
  readonly connectionsMs?: number;
}

/**
 * How long SIGTERM is held when a task is to be killed that stands behind a virtual IP (a port with a label
 * `VIP…`, or a task label `VIP_PORT…`; any case), so that every machine can take it out before it stops
 * answering: the label `drainSeconds` of the task, else of its DiscoveryInfo, else of the port, at most our bound.
 * Without one, or when it is no number of seconds: long enough for a failover of those who take it out, but
 * connections are waited for no longer than 2 s. Undefined: nothing is held. Rule EXE17.
 */
export function drainOf(task: TaskInfo): Drain | undefined {
  const ports = task.discovery?.ports?.ports ?? [];
  const portLabels = ports.flatMap(({ labels }) => labels?.labels ?? []);
  const taskLabels = task.labels?.labels ?? [];
  const hasVip =
    portLabels.some(({ key }) => /^vip/i.test(key)) ||
    taskLabels.some(({ key }) => /^vip_port/i.test(key));
  if (!hasVip) return undefined;
  const all = [...taskLabels, ...(task.discovery?.labels?.labels ?? []), ...portLabels];
  const text = all.find(({ key }) => key === "drainSeconds")?.value ?? "";
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(text.trim())) {
    return { drainMs: limits.withdrawalMs, connectionsMs: limits.connectionsMs };
  }
  const drainMs = Math.round(Number(text) * 1000);
  return drainMs === 0 ? undefined : { drainMs: Math.min(drainMs, limits.drainMsMax) };
}
