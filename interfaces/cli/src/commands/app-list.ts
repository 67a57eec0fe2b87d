import type { AppInfo } from "@tutti/marathon-v2";
import type { CommandHandler } from "../command.ts";
import type { Output } from "../output.ts";
import { done } from "../refusal.ts";

/** `tutti app list`: every app with its instances. */
export const appList: CommandHandler = async (session) => {
  const answer = await session.marathon.call<{ readonly apps: readonly AppInfo[] }>({
    path: "/v2/apps?embed=apps.counts&embed=apps.deployments",
  });
  if (!answer.ok) return answer;
  const { output } = session;
  const apps = answer.value.apps.map(summaryOf).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  output.json({ apps });
  if (apps.length === 0) {
    output.line("There are no apps. Add one with ./tutti app add FILE.");
    return done;
  }
  await output.table(
    ["id", "instances", "health", "cpus", "mem", "deployments"],
    apps.map((app) => [
      app.id,
      styledCount(output, app),
      healthOf(app),
      String(app.cpus),
      String(app.mem),
      app.deployments.length === 0
        ? "-"
        : output.style("yellow", app.deployments.map((id) => id.slice(0, 8)).join(" ")),
    ]),
  );
  return done;
};

/** An app as `tutti app list --json` shows it. */
interface AppSummary {
  readonly id: string;
  readonly instances: number;
  readonly staged: number;
  readonly running: number;
  readonly healthy: number;
  readonly unhealthy: number;
  readonly hasHealthChecks: boolean;
  readonly cpus: number;
  readonly mem: number;
  readonly version: string;
  readonly deployments: readonly string[];
}

function summaryOf(app: AppInfo): AppSummary {
  return {
    id: app.id,
    instances: app.instances,
    staged: app.tasksStaged ?? 0,
    running: app.tasksRunning ?? 0,
    healthy: app.tasksHealthy ?? 0,
    unhealthy: app.tasksUnhealthy ?? 0,
    hasHealthChecks: (app.healthChecks ?? []).length > 0,
    cpus: app.cpus,
    mem: app.mem,
    version: app.version,
    deployments: (app.deployments ?? []).map((each) => each.id),
  };
}

function styledCount(output: Output, app: AppSummary): string {
  const text = `${String(app.running)}/${String(app.instances)}`;
  return output.style(app.running >= app.instances ? "green" : "yellow", text);
}

function healthOf(app: AppSummary): string {
  if (!app.hasHealthChecks) return "-";
  return `${String(app.healthy)}/${String(app.running)}`;
}
