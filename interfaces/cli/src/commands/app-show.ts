import type { AppInfo, DeploymentInfo, QueueItem } from "@tutti/marathon-v2";
import { appPath, parseAppArgument } from "../app-path.ts";
import { describeWhy } from "../await-deployment.ts";
import type { CommandHandler } from "../command.ts";
import { MachineNames } from "../machine-names.ts";
import { type AppEndpoints, readEndpoints } from "../names/app-endpoints.ts";
import { readWarnings } from "../names/warnings.ts";
import { done } from "../refusal.ts";
import type { Session } from "../session.ts";
import { taskRows, taskHeadings, taskSummaryOf } from "../task-summary.ts";
import { orUnknownApp } from "../unknown-app.ts";

const embed = ["counts", "tasks", "deployments", "lastTaskFailure", "warnings"]
  .map((part) => `embed=app.${part}`)
  .join("&");

/** `tutti app show ID`: one app, its instances, and what it waits for. */
export const appShow: CommandHandler = async (session, [idText = ""]) => {
  const id = parseAppArgument(idText);
  if (!id.ok) return id;
  const path = `${appPath(id.value)}?${embed}`;
  const answer = await orUnknownApp(
    session,
    id.value,
    await session.marathon.call<{ readonly app: AppInfo }>({ path }),
  );
  if (!answer.ok) return answer;
  const { output } = session;
  const { app } = answer.value;
  const names = new MachineNames(session.target.cluster);
  const [waits, endpoints, warnings] = await Promise.all([
    readWaits(session, app),
    readEndpoints(session, app),
    readWarnings(session, app),
  ]);
  const waiting = waits.map((text) => names.inText(text));
  output.json({ app, waits: waiting, endpoints, warnings });
  if (output.isJson) return done;
  const { tasks = [] } = app;
  output.line(output.style("bold", app.id));
  for (const [name, value] of facts(app)) output.line(`  ${name.padEnd(12)} ${value}`);
  for (const [name, value] of endpointFacts(endpoints)) {
    output.line(`  ${name.padEnd(12)} ${value}`);
  }
  for (const text of warnings)
    output.line(`  ${"warning".padEnd(12)} ${output.style("yellow", text)}`);
  for (const text of waiting)
    output.line(`  ${"waits".padEnd(12)} ${output.style("yellow", text)}`);
  if (tasks.length === 0) return done;
  output.line();
  await output.table(taskHeadings, taskRows(output, tasks.map(taskSummaryOf)));
  return done;
};

/** A line for each of the names and virtual IPs. */
function endpointFacts({ names, vips }: AppEndpoints): readonly (readonly [string, string])[] {
  const shown = names.filter((name) => isForPeople(name));
  return [
    ...shown.map((name, at) => [at === 0 ? "names" : "", name] as const),
    ...(vips ?? []).map(({ vip, address, protocol, backends }, at) => {
      const where = vip === address ? "" : ` (${address})`;
      const what = `${vip}${where} ${protocol}, ${String(backends)} backend${backends === 1 ? "" : "s"} of it`;
      return [at === 0 ? "virtual IPs" : "", what] as const;
    }),
  ];
}

/** Names of services and of containers lead to the same places. */
function isForPeople(name: string): boolean {
  return name.endsWith(".mesos") || name.includes(".autoip.") || name.includes(".agentip.");
}

function facts(app: AppInfo): [string, string][] {
  const { tasksRunning = 0, tasksStaged = 0, tasksHealthy = 0, tasksUnhealthy = 0 } = app;
  const health = `, ${String(tasksHealthy)} healthy, ${String(tasksUnhealthy)} unhealthy`;
  const all: [string, string | undefined][] = [
    [
      "instances",
      `${String(tasksRunning)} of ${String(app.instances)} run, ${String(tasksStaged)} start${(app.healthChecks ?? []).length > 0 ? health : ""}`,
    ],
    ["command", app.cmd ?? app.args?.join(" ")],
    ["resources", `${String(app.cpus)} cpus, ${String(app.mem)} MB memory each`],
    ["ports", (app.portDefinitions ?? []).map((each) => each.name ?? String(each.port)).join(", ")],
    ["constraints", (app.constraints ?? []).map((each) => each.join(" ")).join(", ")],
    ["version", app.version],
    ["last failure", describeFailure(app)],
  ];
  return all.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value] as [string, string]],
  );
}

function describeFailure(app: AppInfo): string | undefined {
  const failure = app.lastTaskFailure;
  if (failure === undefined) return undefined;
  return `${failure.timestamp} ${failure.state} on ${failure.host}: ${failure.message}`;
}

/** What the app waits for: its deployments, and the offers that did not fit. */
async function readWaits(session: Session, app: AppInfo): Promise<readonly string[]> {
  const waits: string[] = [];
  const ids = new Set((app.deployments ?? []).map((each) => each.id));
  if (ids.size > 0) {
    const listed = await session.marathon.call<readonly DeploymentInfo[]>({
      path: "/v2/deployments",
    });
    if (listed.ok) {
      for (const each of listed.value) if (ids.has(each.id)) waits.push(describeWhy(each));
    }
  }
  const queue = await session.marathon.call<{ readonly queue: readonly QueueItem[] }>({
    path: "/v2/queue",
  });
  const item = queue.ok ? queue.value.queue.find((each) => each.app?.id === app.id) : undefined;
  if (item === undefined) return waits;
  const { processedOffersSummary: summary, why } = item as Partial<QueueItem>;
  if (why !== undefined) {
    const reason = why.replace(/\.$/, "");
    if (!waits.some((each) => each.includes(reason))) waits.push(reason);
    return waits;
  }
  // A Marathon that does not say why says at least what its offers lacked.
  for (const { reason, declined } of summary?.rejectSummaryLastOffers ?? []) {
    if (declined > 0) waits.push(`${String(declined)} of the last offers refused: ${reason}`);
  }
  return waits;
}
