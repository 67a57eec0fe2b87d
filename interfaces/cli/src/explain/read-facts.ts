import { ok } from "@tutti/base";
import { machineFacts, portHolders, quotaHolds } from "@tutti/marathon-v2";
import type { AppId } from "@tutti/ids";
import type {
  AppFacts,
  AppInfo,
  DeploymentInfo,
  MachineFacts,
  MachineVerdict,
  MarathonInfo,
  MasterRole,
  PortHolders,
  PortTask,
  QueueItem,
  Task,
} from "@tutti/marathon-v2";
import { type AgentLists, readAgentLists } from "../agents.ts";
import { appPath } from "../app-path.ts";
import { limits } from "../limits.ts";
import { MachineNames } from "../machine-names.ts";
import { readGone } from "../nodes.ts";
import { readWarnings } from "../names/warnings.ts";
import type { Outcome } from "../refusal.ts";
import type { Session } from "../session.ts";
import { appFacts } from "./app-facts.ts";

interface Placed {
  readonly app: AppInfo;
  readonly queued: Partial<QueueItem> | undefined;
  readonly names: MachineNames;
}

const embed = ["counts", "tasks", "deployments", "lastTaskFailure", "warnings"]
  .map((part) => `embed=app.${part}`)
  .join("&");

/** Everything an app's explanation is made of, asked of Marathon and the master. */
export async function readAppFacts(session: Session, id: AppId): Promise<Outcome<AppFacts>> {
  const { marathon, target } = session;
  const shown = await marathon.call<{ readonly app: AppInfo }>({ path: `${appPath(id)}?${embed}` });
  if (!shown.ok) return shown;
  const { app } = shown.value;
  const [queue, deployments, agents, roles, noConnection, warnings] = await Promise.all([
    marathon.call<{ readonly queue: readonly Partial<QueueItem>[] }>({
      path: "/v2/queue?embed=verdicts",
    }),
    (app.deployments ?? []).length === 0
      ? ok([])
      : marathon.call<readonly DeploymentInfo[]>({ path: "/v2/deployments" }),
    readAgentLists(session, limits.explainMasterMs),
    readRoles(session),
    readNoConnection(session),
    readWarnings(session, app),
  ]);
  if (!queue.ok) return queue;
  if (!deployments.ok) return deployments;
  const queued = queue.value.queue.find((item) => item.app?.id === id);
  const gone = agents.ok ? await readGone(session, agents.value) : undefined;
  const names = new MachineNames(target.cluster, gone);
  const placed = { app, queued, names };
  const machines = agents.ok
    ? await readMachines(session, placed, agents.value)
    : offeredMachines(placed);
  return ok(
    appFacts({
      ...placed,
      deployments: deployments.value,
      noConnection,
      machinesFrom: agents.ok ? "master" : "offers",
      machines,
      quota:
        agents.ok && roles !== undefined && (queued?.count ?? 0) > 0
          ? quotaHolds(app, agents.value.agents, roles)
          : undefined,
      nowMs: Date.now(),
      warnings,
    }),
  );
}

/** The roles with their quota; undefined: the master does not say. */
async function readRoles({ master }: Session): Promise<readonly MasterRole[] | undefined> {
  const answer = await master.call<{ readonly roles?: readonly MasterRole[] }>({
    path: "/roles",
    timeoutMs: limits.explainMasterMs,
  });
  return answer.ok ? (answer.value.roles ?? []) : undefined;
}

/** Why Marathon has no connection to a master; undefined: it has, or does not say. */
async function readNoConnection(session: Session): Promise<string | undefined> {
  const info = await session.marathon.call<MarathonInfo>({ path: "/v2/info" });
  const connection = info.ok ? info.value.masterConnection : undefined;
  return connection?.connected === false ? (connection.reason ?? "it does not say why") : undefined;
}

async function readMachines(
  session: Session,
  { app, queued, names }: Placed,
  agents: AgentLists,
): Promise<readonly MachineFacts[]> {
  if ((queued?.count ?? 0) === 0) return [];
  const verdicts = verdictsOf(queued);
  const needsHolders = app.requirePorts && app.portDefinitions.some(({ port }) => port !== 0);
  const holders: PortHolders = needsHolders ? await readHolders(session) : () => undefined;
  return machineFacts(app, agents, { verdicts, names, holders });
}

/** Who has which port: asked only when ports must be these. */
async function readHolders(session: Session): Promise<PortHolders> {
  const [own, all] = await Promise.all([
    session.marathon.call<{ readonly tasks: readonly Task[] }>({ path: "/v2/tasks" }),
    session.master.call<{ readonly tasks: readonly PortTask[] }>({
      path: `/tasks?limit=${String(limits.portTasksMax)}`,
    }),
  ]);
  return portHolders(own.ok ? own.value.tasks : [], all.ok ? all.value.tasks : []);
}

function verdictsOf(queued: Partial<QueueItem> | undefined): readonly MachineVerdict[] {
  return queued?.verdicts ?? [];
}

/** The master does not answer: what Marathon remembers of its offers. */
function offeredMachines({ queued, names }: Placed): readonly MachineFacts[] {
  return verdictsOf(queued).map(({ host, agentId: _, ...rest }) => ({
    name: names.nameOf(host),
    ...rest,
  }));
}
