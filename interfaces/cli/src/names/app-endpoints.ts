import type { AppInfo, MarathonInfo } from "@tutti/marathon-v2";
import { limits } from "../limits.ts";
import type { Session } from "../session.ts";
import { namesOfApp } from "./app-names.ts";
import { namesVip } from "./vip-tasks.ts";
import { hostOf, labelOf, type Vip } from "./vips.ts";

/** Where an app can be reached, as `tutti app show --json` shows it. */
export interface AppEndpoints {
  /** `10.0.0.3:31005` for each port of each task that runs. */
  readonly addresses: readonly string[];
  /** Names that lead to its tasks while they run; those that begin with `_` lead to ports too. None: nobody could tell. */
  readonly names: readonly string[];
  /** Null: nobody could tell. */
  readonly vips:
    | readonly {
        readonly vip: string;
        /** `11.0.0.1:80`. */
        readonly address: string;
        readonly protocol: string;
        readonly backends: number;
      }[]
    | null;
}

/** Where the tasks of an app are, by address, name and virtual IP. */
export async function readEndpoints(session: Session, app: AppInfo): Promise<AppEndpoints> {
  const [info, detail] = await Promise.all([
    session.marathon.call<MarathonInfo>({ path: "/v2/info" }),
    session.node.call<{ readonly vips: readonly Vip[] }>({
      path: "/v1/vips/detail",
      timeoutMs: limits.problemsMs,
    }),
  ]);
  const running = (app.tasks ?? []).filter(({ state }) => state === "TASK_RUNNING");
  const tasks = new Set(running.map(({ id }) => id));
  const { hosts, services } = namesOfApp(app, info);
  return {
    addresses: running.flatMap(({ host, ports }) =>
      (ports ?? []).map((port) => `${hostOf(host)}:${String(port)}`),
    ),
    names: detail.ok || detail.error.code === "NOT_FOUND" ? [...hosts, ...services] : [],
    vips: detail.ok
      ? detail.value.vips
          .filter((vip) => isVipOf(vip, app, tasks))
          .map((vip) => ({
            vip: labelOf(vip),
            address: `${hostOf(vip.address)}:${String(vip.port)}`,
            protocol: vip.protocol,
            backends: vip.backends.filter(({ taskId }) => tasks.has(taskId)).length,
          }))
      : null,
  };
}

/** Whether a virtual IP leads to one of the app's running `tasks`, or a label of the app names it. */
export function isVipOf(vip: Vip, app: AppInfo, tasks: ReadonlySet<string>): boolean {
  return vip.backends.some(({ taskId }) => tasks.has(taskId)) || namesVip(app, vip);
}
