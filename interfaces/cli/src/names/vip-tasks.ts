import { ok } from "@tutti/base";
import { toLabels, toLabel } from "@tutti/dns";
import type { AppInfo, Task } from "@tutti/marathon-v2";
import type { Outcome } from "../refusal.ts";
import type { Session } from "../session.ts";
import { type Vip, vipZone } from "./vips.ts";

/** A task of an app whose definition names a virtual IP. */
export interface VipTask {
  readonly app: string;
  readonly task: Task;
  /** Null: there is no health check, or it has not answered. */
  readonly healthy: boolean | null;
}

/** The tasks of all apps whose definitions name this virtual IP, backends or not. */
export async function readVipTasks(
  session: Session,
  vip: Vip,
): Promise<Outcome<readonly VipTask[]>> {
  const listed = await session.marathon.call<{ readonly apps: readonly AppInfo[] }>({
    path: "/v2/apps?embed=apps.tasks",
  });
  if (!listed.ok) return listed;
  return ok(
    listed.value.apps
      .filter((app) => namesVip(app, vip))
      .flatMap((app) =>
        (app.tasks ?? []).map((task) => ({ app: app.id, task, healthy: healthOf(task) })),
      ),
  );
}

function healthOf({ healthCheckResults: results = [] }: Task): boolean | null {
  return results.length === 0 ? null : results.every(({ alive }) => alive);
}

/** Whether a label of the app's ports, or of the app, leads to the virtual IP. */
export function namesVip(app: AppInfo, vip: Vip): boolean {
  const labels = [
    ...(app.portDefinitions ?? []).flatMap((port) => Object.entries(port.labels ?? {})),
    ...Object.entries(app.labels ?? {}).filter(([key]) => /^vip_port\d+$/i.test(key)),
  ];
  return labels
    .filter(([key]) => /^vip/i.test(key))
    .flatMap(([, value]) => value.split(/[,|]/))
    .some((value) => leadsTo(value.trim(), vip));
}

function leadsTo(value: string, { address, port, names }: Vip): boolean {
  const [, host = "", wanted = ""] = /^(?:(?:tcp|udp):\/\/)?(.*):(\d+)$/i.exec(value) ?? [];
  if (Number(wanted) !== port) return false;
  if (!host.startsWith("/")) return host.replace(/^\[(.*)\]$/, "$1") === address;
  const name = toLabels(host.slice(1), toLabel);
  return names.some((full) => full.startsWith(`${name}.`) && full.endsWith(`.${vipZone}`));
}
