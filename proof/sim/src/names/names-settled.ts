import type { VersionedApp } from "@tutti/marathon-v2";
import type { MachineNames } from "@tutti/simulator";
import type { Watched } from "../checkers/checker.ts";
import { addressOf } from "@tutti/simulator";
import { backendOf, taskNameOf, vipKeyOf, vipNameOf } from "./vip-of.ts";

/** What an app's names and VIP are to lead to, from the containers that run. */
interface Expected {
  readonly hosts: readonly string[];
  readonly backends: readonly string[];
}

/**
 * Why names and VIPs of some machine are not yet what the running containers say, in one sentence; undefined when they
 * are, on every machine (SIM64).
 */
export function whyNamesNot(watched: Watched): string | undefined {
  const { cluster, durable } = watched;
  const vips = new Set([...durable.apps.keys()].filter((id) => hasVip(durable.visible(id))));
  const expected = expectedOf(watched);
  const newest = cluster.names?.discovery.publisher()?.version;
  if (newest === undefined) return "discovery is down";
  for (const [name, machine] of cluster.names?.machines ?? []) {
    const version = machine.version();
    if (version?.epoch !== newest.epoch || version.sequence !== newest.sequence)
      return `${name} does not hold the newest table`;
    for (const [appId, wanted] of expected) {
      const why = whyAppNot(machine, { appId, wanted, hasVip: vips.has(appId) });
      if (why !== undefined) return `${name}: ${why}`;
    }
    const leading = [...machine.kernel.vips()].length;
    const served = [...expected].filter(
      ([id, { backends }]) => vips.has(id) && backends.length > 0,
    );
    if (leading !== served.length)
      return `${name} leads to ${leading} VIPs, ${served.length} have backends`;
  }
  return undefined;
}

function whyAppNot(
  machine: MachineNames,
  app: { readonly appId: string; readonly wanted: Expected; readonly hasVip: boolean },
): string | undefined {
  const { appId, wanted, hasVip } = app;
  const hosts = machine.ask(taskNameOf(appId)) ?? [];
  if (!isSame(hosts, wanted.hosts))
    return `${taskNameOf(appId)} is ${hosts.join(" ")}, not ${wanted.hosts.join(" ")}`;
  if (!hasVip || wanted.backends.length === 0) return undefined;
  const [address = ""] = machine.ask(vipNameOf(appId)) ?? [];
  if (address === "") return `${vipNameOf(appId)} has no address`;
  const backends = machine.kernel.backendsOf(vipKeyOf(address));
  return isSame(backends, wanted.backends)
    ? undefined
    : `${vipNameOf(appId)} leads to ${backends.join(", ")}, not to ${wanted.backends.join(", ")}`;
}

function expectedOf({ truth, durable }: Watched): ReadonlyMap<string, Expected> {
  const byApp = new Map<string, { hosts: Set<string>; backends: string[] }>();
  for (const id of durable.apps.keys()) byApp.set(id, { hosts: new Set(), backends: [] });
  for (const { node, taskId, ports } of truth.running.values()) {
    const appId = durable.byTask.get(taskId)?.appId;
    const one = appId === undefined ? undefined : byApp.get(appId);
    if (one === undefined) continue;
    one.hosts.add(addressOf(node));
    const [port] = ports;
    if (port !== undefined) one.backends.push(backendOf(node, port));
  }
  return new Map(
    [...byApp].map(([id, { hosts, backends }]) => [
      id,
      { hosts: [...hosts].toSorted(), backends: backends.toSorted() },
    ]),
  );
}

function hasVip(app: VersionedApp | undefined): boolean {
  return app?.portDefinitions?.[0]?.labels?.["VIP_0"] !== undefined;
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  const one = [...new Set(left)];
  return one.length === right.length && one.every((value, at) => value === right[at]);
}
