import { nearest } from "@tutti/base";
import type { CommandHandler } from "../command.ts";
import { MachineNames } from "../machine-names.ts";
import { tellAge } from "../names/table-age.ts";
import { readVipTasks, type VipTask } from "../names/vip-tasks.ts";
import { findVips, hostOf, labelOf, readVips, type Vip } from "../names/vips.ts";
import { done, refused } from "../refusal.ts";
import type { Session } from "../session.ts";
import { tellGaps } from "./vip-list.ts";

/** `tutti vip show VIP`: its backends with their health and connections, and who is no backend and why. */
export const vipShow: CommandHandler = async (session, [text = ""]) => {
  const listed = await readVips(session);
  if (!listed.ok) return listed;
  const found = findVips(listed.value.vips, text);
  if (found.length === 0) {
    const meant = nearest(text, listed.value.vips.map(labelOf));
    return refused("NOT_FOUND", `There is no virtual IP ${text}.`, {
      hint: meant === undefined ? "See ./tutti vip list." : `Did you mean ${meant}?`,
    });
  }
  const shown: object[] = [];
  tellGaps(session, listed.value);
  await tellAge(session);
  for (const vip of found) {
    const tasks = await readVipTasks(session, vip);
    const rows = rowsOf(vip, tasks.ok ? tasks.value : []);
    shown.push({ ...vip, backends: undefined, members: rows });
    await show(session, vip, rows);
  }
  session.output.json({ vips: shown });
  return done;
};

/** A task behind a virtual IP, or one of its apps that takes no connections at the moment. */
interface Member {
  readonly taskId: string;
  /** Null: no app's. */
  readonly app: string | null;
  /** The machine's address, or the agent's id where it is not known. */
  readonly machine: string;
  /** `10.0.0.3:31005`; null: connections do not go there. */
  readonly backend: string | null;
  readonly healthy: boolean | null;
  readonly connections: number;
  /** Why connections do not go there; null: they do. */
  readonly out: string | null;
}

function rowsOf(vip: Vip, tasks: readonly VipTask[]): readonly Member[] {
  const known = new Map(tasks.map((each) => [each.task.id, each]));
  const inside = vip.backends.map((backend): Member => {
    const { app = null, task, healthy = null } = known.get(backend.taskId) ?? {};
    return {
      taskId: backend.taskId,
      app,
      machine: task?.host ?? backend.address,
      backend: `${hostOf(backend.address)}:${String(backend.port)}`,
      healthy,
      connections: backend.connections,
      out: null,
    };
  });
  const ids = new Set(vip.backends.map(({ taskId }) => taskId));
  const outside = tasks
    .filter(({ task }) => !ids.has(task.id))
    .map((each): Member => ({
      taskId: each.task.id,
      app: each.app,
      machine: each.task.host,
      backend: null,
      healthy: each.healthy,
      connections: 0,
      out: whyOut(each),
    }));
  return [...inside, ...outside];
}

function whyOut({ task, healthy }: VipTask): string {
  switch (task.state) {
    case "TASK_STAGING":
    case "TASK_STARTING":
      return "it is starting";
    case "TASK_KILLING":
      return "it is being stopped";
    case "TASK_RUNNING":
      return healthy === false ? "it is not healthy" : "it is not there yet";
    default:
      return `it is ${task.state.replace(/^TASK_/, "").toLowerCase()}`;
  }
}

async function show(session: Session, vip: Vip, rows: readonly Member[]): Promise<void> {
  const { output, target } = session;
  const names = new MachineNames(target.cluster);
  output.line(output.style("bold", `${labelOf(vip)} ${vip.protocol}`));
  output.line(`  address  ${hostOf(vip.address)}:${String(vip.port)}`);
  for (const name of vip.names.slice(1)) output.line(`  also     ${name}`);
  if (vip.backends.length === 0) {
    output.line(`  ${output.style("red", "No backend: connections are refused.")}`);
  }
  if (rows.length > 0) {
    output.line();
    await output.table(
      ["task", "app", "machine", "backend", "health", "connections"],
      rows.map((row) => [
        row.taskId,
        row.app ?? "-",
        names.nameOf(row.machine),
        row.backend ?? output.style("yellow", `none: ${row.out ?? ""}`),
        row.healthy === null ? "-" : row.healthy ? "healthy" : output.style("red", "unhealthy"),
        row.backend === null ? "-" : String(row.connections),
      ]),
    );
  }
}
