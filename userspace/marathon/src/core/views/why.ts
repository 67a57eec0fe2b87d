import type { DeploymentAction } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import { isActionDone } from "../advance-deployment.ts";
import { classOf, isReady, isUnreachable } from "../instance.ts";
import type { Deployment } from "../records.ts";
import type { World } from "../world.ts";

/** The clock of a view. */
export interface Now {
  readonly monoMs: number;
  readonly wallMs: number;
}

/** Why an app has not launched all it wants, as sentences for people. Rule MAR40. */
export function whyAppWaits(world: World, now: Now, app: AppState): string {
  const { launch } = app;
  if (launch.wanted === 0) return "Nothing waits to be launched.";
  if (!world.connection.connected) {
    return `No offers come because there is no connection to a master: ${world.connection.reason}.`;
  }
  if (launch.isDelayed(now.monoMs)) {
    const seconds = Math.ceil((launch.notBeforeMonoMs - now.monoMs) / 1000);
    const failure = app.record.lastFailure;
    const last =
      failure === undefined
        ? ""
        : ` The last failure: ${failure.state} ${failure.message}`.trimEnd();
    return `Launching again in ${seconds} s, because tasks of this app ended too soon.${last}`;
  }
  const wanted = `${countOf(launch.wanted, "instance")} ${launch.wanted === 1 ? "waits" : "wait"} for an offer`;
  if (launch.verdicts.size === 0) {
    return `${wanted}; no agent has offered anything to the role ${app.offerRoles().join(" or ")} yet.`;
  }
  return `${wanted}. ${verdictsOf(app)}`;
}

function verdictsOf(app: AppState): string {
  const groups = new Map<string, string[]>();
  for (const { host, reason, sentence } of app.launch.verdicts.values()) {
    if (reason === undefined) continue;
    const hosts = groups.get(sentence);
    if (hosts === undefined) groups.set(sentence, [host]);
    else hosts.push(host);
  }
  const all = countOf(app.launch.verdicts.size, "agent");
  if (groups.size === 0) return `What ${all} last offered was used.`;
  const parts = [...groups].map(([sentence, hosts]) => `${namesOf(hosts)} ${sentence}`);
  return `Of ${all} that made offers: ${parts.join("; ")}.`;
}

function namesOf(hosts: readonly string[]): string {
  const shown = hosts.slice(0, 3).join(", ");
  return hosts.length > 3 ? `${shown} and ${hosts.length - 3} more` : shown;
}

/** What one action of a deployment waits for. */
export function whyActionWaits(world: World, now: Now, action: DeploymentAction): string {
  const app = world.apps.get(action.app);
  if (app === undefined || isActionDone(app, action)) return "Done.";
  const reasons: string[] = [];
  if (app.launch.wanted > 0) reasons.push(whyAppWaits(world, now, app));
  const live = [...app.instances.values()].filter((instance) => classOf(instance) === "live");
  const starting = live.filter(
    ({ condition }) => condition === "Staging" || condition === "Starting",
  );
  const away = live.filter(isUnreachable);
  const sick = live.filter((instance) => instance.condition === "Running" && !isReady(instance));
  if (starting.length > 0) reasons.push(`${countOf(starting.length, "instance")} starting.`);
  if (sick.length > 0) {
    reasons.push(`${countOf(sick.length, "instance")} running but not healthy yet.`);
  }
  if (away.length > 0) reasons.push(`${countOf(away.length, "instance")} on agents that are away.`);
  if (app.tally.killing > 0) {
    reasons.push(`${countOf(app.tally.killing, "instance")} being stopped.`);
  }
  if (action.action === "RestartApplication" && app.tally.outdated > 0) {
    reasons.push(`${countOf(app.tally.outdated, "instance")} of the old version to be replaced.`);
  }
  return reasons.join(" ");
}

/** What a deployment waits for: its actions that are not done. */
export function whyDeploymentWaits(world: World, now: Now, deployment: Deployment): string {
  const actions = deployment.steps[deployment.currentStep]?.actions ?? [];
  return actions
    .filter((action) => !isActionDone(world.apps.get(action.app), action))
    .map((action) => `${action.app}: ${whyActionWaits(world, now, action)}`)
    .join(" ");
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
