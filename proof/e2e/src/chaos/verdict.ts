import { eventually, type TestCluster } from "../cluster.ts";
import { healthCheckOf, type WantedApp } from "./app-definition.ts";
import { liveContainers } from "./containers.ts";

/** How long the cluster may take, from the last fault, until all is as it was asked for. */
const convergeWithinMs = 180_000;
/** What is still missing is told so often. */
const tellEveryMs = 10_000;

interface AppView {
  readonly id: string;
  readonly instances: number;
  readonly env: Readonly<Record<string, string>>;
  readonly deployments: readonly unknown[];
  readonly tasks: readonly {
    readonly id: string;
    readonly state: string;
    readonly healthCheckResults?: readonly { readonly alive: boolean }[];
  }[];
}

interface MasterTasks {
  readonly tasks: readonly { readonly id: string; readonly state: string }[];
}

/**
 * Waits until every app has exactly its instances, healthy where they are looked at, and its release, every
 * acknowledged removal is true, and the three that know tasks agree: Marathon, the master, and the kernel of this machine. Throws with the differences.
 */
export async function expectConverged(
  cluster: TestCluster,
  clusterId: string,
  wanted: readonly WantedApp[],
  note: (text: string) => void,
): Promise<void> {
  let differences: readonly string[] = ["nothing was compared yet"];
  let toldMs = performance.now();
  try {
    await eventually("everything as it was asked for", convergeWithinMs, async () => {
      differences = await compare(cluster, clusterId, wanted);
      if (differences.length > 0 && performance.now() - toldMs > tellEveryMs) {
        note(`not yet: ${differences.join("; ")}`);
        toldMs = performance.now();
      }
      return differences.length === 0 ? true : undefined;
    });
  } catch (error) {
    throw new Error(`not as it was asked for:\n  ${differences.join("\n  ")}`, { cause: error });
  }
}

async function compare(
  cluster: TestCluster,
  clusterId: string,
  wanted: readonly WantedApp[],
): Promise<readonly string[]> {
  const answer = await cluster.marathon("GET", "/v2/apps?embed=apps.tasks&embed=apps.deployments");
  const apps = (answer.body as { apps: readonly AppView[] }).apps;
  const differences: string[] = [];
  for (const app of wanted) {
    const view = apps.find(({ id }) => id === app.id);
    if (view === undefined) {
      differences.push(`${app.id} was acknowledged and is lost`);
      continue;
    }
    const running = view.tasks.filter(({ state }) => state === "TASK_RUNNING").length;
    if (view.instances !== app.instances || running !== app.instances)
      differences.push(
        `${app.id}: ${String(app.instances)} wanted, ${String(view.instances)} defined, ${String(running)} run`,
      );
    const healthy = view.tasks.filter(({ healthCheckResults: results = [] }) =>
      results.some(({ alive }) => alive),
    ).length;
    if (healthCheckOf(app.id) !== "none" && healthy !== app.instances)
      differences.push(
        `${app.id}: ${String(app.instances)} wanted, ${String(healthy)} are healthy`,
      );
    if (view.env["RELEASE"] !== String(app.release))
      differences.push(
        `${app.id}: release ${String(app.release)} wanted, ${String(view.env["RELEASE"])} there`,
      );
    if (view.deployments.length > 0) differences.push(`${app.id}: a deployment is not done`);
  }
  for (const { id } of apps)
    if (!wanted.some((app) => app.id === id)) differences.push(`${id} should be gone`);
  const marathon = apps.flatMap(({ tasks }) => tasks.map(({ id }) => id)).toSorted();
  const state = await fetch(`${cluster.masterUrl}/tasks?limit=100000`, {
    signal: AbortSignal.timeout(20_000),
  });
  const master = ((await state.json()) as MasterTasks).tasks
    .filter((task) =>
      [
        "TASK_RUNNING",
        "TASK_STARTING",
        "TASK_STAGING",
        "TASK_KILLING",
        "TASK_UNREACHABLE",
      ].includes(task.state),
    )
    .map(({ id }) => id)
    .toSorted();
  const kernel = liveContainers(clusterId)
    .map(({ taskId }) => taskId)
    .toSorted();
  differences.push(...unequal("Marathon", marathon, "the master", master));
  differences.push(...unequal("Marathon", marathon, "the kernel", kernel));
  return differences;
}

/** What one of two sorted lists has and the other has not; a task that runs twice shows as well. */
function unequal(
  oneName: string,
  one: readonly string[],
  otherName: string,
  other: readonly string[],
): readonly string[] {
  if (one.join("\n") === other.join("\n")) return [];
  const onlyOne = one.filter((id) => !other.includes(id));
  const onlyOther = other.filter((id) => !one.includes(id));
  const twice = other.filter((id, index) => other.indexOf(id) !== index);
  return [
    `${oneName} knows ${String(one.length)} tasks, ${otherName} ${String(other.length)}; only ${oneName}: ` +
      `${onlyOne.join(" ") || "none"}; only ${otherName}: ${onlyOther.join(" ") || "none"}; twice: ${twice.join(" ") || "none"}`,
  ];
}
