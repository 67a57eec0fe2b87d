import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { Env } from "@tutti/machine";
import { appLocked, invalidObject } from "@tutti/marathon-v2";
import type { App, MarathonRefusal, VersionedApp } from "@tutti/marathon-v2";
import { cancelDeployments, enterStep } from "./advance-deployment.ts";
import type { AppState } from "./app-state.ts";
import { dependencyCycle, deploymentSteps } from "./deployment-steps.ts";
import type { PlannedChange } from "./deployment-steps.ts";
import { limits } from "./limits.ts";
import { publishChangeFailed } from "./publish.ts";
import type { AppChange, Deployment } from "./records.ts";
import { sameConfig } from "./same-config.ts";
import { assignServicePorts } from "./service-ports.ts";
import type { World } from "./world.ts";

/** A wanted change of one app; without `definition` the app is deleted. */
export interface WantedChange {
  readonly app: string;
  readonly definition?: App;
  /** Replace all instances even though nothing changed. */
  readonly restart?: boolean;
  /** An old version is wanted back: instances that still run its configuration are left alone. */
  readonly isRollback?: boolean;
}

/** A deployment that was accepted. `id` names no record when there was nothing to do. */
export interface StartedDeployment {
  readonly id: string;
  readonly version: string;
}

/**
 * Accepts changes of apps as one deployment: durable as a whole, its first step begun. Refused while other
 * deployments hold one of the apps, unless forced: then those are ended first. Rules MAR25–MAR28.
 */
export function startDeployment(
  world: World,
  env: Env,
  wanted: readonly WantedChange[],
  options: { readonly force: boolean },
): Result<StartedDeployment, MarathonRefusal> {
  const holders = new Set(
    wanted.flatMap(({ app }) => world.deploymentsOf(app).map(({ id }) => id)),
  );
  const isLocked = holders.size > 0 && !options.force;
  const refusal = isLocked
    ? appLocked([...holders])
    : (checkGraph(world, wanted) ?? checkBounds(world, wanted));
  if (refusal !== undefined) {
    publishChangeFailed(world, env, wanted, refusal);
    return { ok: false, error: refusal };
  }
  cancelDeployments(world, env, [...holders], "a newer change took its place by force");
  const id = env.random.uuid();
  const version = world.nextVersion(env);
  const changes: AppChange[] = [];
  const planned: PlannedChange[] = [];
  for (const change of wanted) {
    const original = world.apps.get(change.app)?.visible?.version;
    const plan = planChange(world, env, change, version);
    if (plan === undefined) continue;
    planned.push(plan);
    changes.push({
      app: change.app,
      ...(original === undefined ? {} : { original }),
      ...(plan.action === "stop" ? {} : { target: version }),
    });
  }
  if (planned.length > 0) begin(world, env, { id, version, changes, planned });
  return ok({ id, version });
}

function begin(
  world: World,
  env: Env,
  plan: {
    readonly id: string;
    readonly version: string;
    readonly changes: readonly AppChange[];
    readonly planned: readonly PlannedChange[];
  },
): void {
  for (const change of plan.planned) recordChange(world, change);
  const deployment: Deployment = {
    schema: 1,
    id: plan.id,
    version: plan.version,
    startedAtMs: env.wallMs,
    changes: plan.changes,
    steps: deploymentSteps(plan.planned),
    currentStep: 0,
  };
  world.putDeployment(deployment);
  world.timers.set(`deployment:${plan.id}`, env.monoMs + limits.deploymentMs);
  enterStep(world, env, deployment);
}

/** What has to be done for one app, or undefined when it is so already. */
function planChange(
  world: World,
  env: Env,
  change: WantedChange,
  version: string,
): PlannedChange | undefined {
  const app = world.apps.get(change.app);
  const before = app?.visible;
  if (change.definition === undefined) {
    return before === undefined
      ? undefined
      : { app: change.app, action: "stop", definition: before };
  }
  const wanted = assignServicePorts(world, env, change.definition, before);
  if (app === undefined || before === undefined) {
    const versionInfo = { lastScalingAt: version, lastConfigChangeAt: version };
    const definition: VersionedApp = { ...wanted, version, versionInfo };
    return { app: change.app, action: "start", definition };
  }
  const scaled = wanted.instances !== before.instances;
  const changed = change.restart === true || !sameConfig(wanted, before);
  if (!scaled && !changed && app.tally.outdated === 0) return undefined;
  const lastConfigChangeAt = changed
    ? ((change.isRollback === true ? configVersionOf(app, wanted) : undefined) ?? version)
    : before.versionInfo.lastConfigChangeAt;
  const lastScalingAt = scaled ? version : before.versionInfo.lastScalingAt;
  const definition = { ...wanted, version, versionInfo: { lastScalingAt, lastConfigChangeAt } };
  const replaces = changed || app.tally.outdated > 0;
  return { app: change.app, action: replaces ? "restart" : "scale", definition };
}

/** The configuration version under which instances of this very definition were launched before. */
function configVersionOf(app: AppState, wanted: App): string | undefined {
  const newestFirst = [...app.versions.values()].toReversed();
  return newestFirst.find((version) => sameConfig(version, wanted))?.versionInfo.lastConfigChangeAt;
}

/** Makes the new definition, or the deletion, the one that users see. */
function recordChange(world: World, change: PlannedChange): void {
  const app = world.apps.get(change.app);
  if (change.action === "stop") {
    if (app === undefined) return;
    const { version: _deleted, ...rest } = app.record;
    world.putApp(rest);
    return;
  }
  const { definition } = change;
  const applied = app?.record.applied ?? {
    version: definition.version,
    instances: 0,
    rolling: false,
  };
  const failure = app?.record.lastFailure;
  world.putApp(
    {
      schema: 1,
      id: change.app,
      version: definition.version,
      applied,
      ...(failure === undefined ? {} : { lastFailure: failure }),
    },
    definition,
  );
}

function checkGraph(world: World, wanted: readonly WantedChange[]): MarathonRefusal | undefined {
  const definitions = new Map<string, App>();
  for (const app of world.apps.values()) {
    if (app.visible !== undefined) definitions.set(app.id, app.visible);
  }
  for (const change of wanted) {
    if (change.definition === undefined) definitions.delete(change.app);
    else definitions.set(change.app, change.definition);
  }
  for (const change of wanted) {
    if (change.definition === undefined) continue;
    const clash = clashOf(change.app, definitions.keys());
    if (clash !== undefined) {
      return invalidObject([
        {
          path: "/id",
          errors: [`Groups and Applications may not have the same identifier: ${clash}`],
        },
      ]);
    }
  }
  if (!wanted.some(({ definition }) => (definition?.dependencies.length ?? 0) > 0))
    return undefined;
  const cycle = dependencyCycle([...definitions.values()]);
  if (cycle.length === 0) return undefined;
  const errors = [`Dependency graph has cyclic dependencies: ${cycle.join(", ")}`];
  return invalidObject([{ path: "/dependencies", errors }]);
}

/** An id that would be an app and a group of apps at once. */
function clashOf(id: string, ids: Iterable<string>): string | undefined {
  for (const other of ids) {
    if (other.startsWith(`${id}/`)) return id;
    if (id.startsWith(`${other}/`)) return other;
  }
  return undefined;
}

function checkBounds(world: World, wanted: readonly WantedChange[]): MarathonRefusal | undefined {
  if (world.deployments.size >= limits.deploymentsMax) {
    const message =
      `${limits.deploymentsMax} deployments are at work already: ` +
      "wait until some have finished, or cancel them.";
    return { code: "OVERLOADED", message };
  }
  const characters = wanted.reduce((sum, change) => sum + JSON.stringify(change).length, 0);
  if (wanted.length > limits.changesMax || characters > limits.changesCharactersMax) {
    const errors = [
      `at most ${limits.changesMax} apps with ${limits.changesCharactersMax} characters ` +
        "can be changed at once: split the request",
    ];
    return invalidObject([{ path: "/", errors }]);
  }
  const added = wanted.filter(
    ({ app, definition }) => definition !== undefined && !world.apps.has(app),
  );
  if (world.apps.size + added.length > limits.appsMax) {
    const message = `More than ${limits.appsMax} apps are not kept: delete some first.`;
    return { code: "OVERLOADED", message };
  }
  const large = wanted.find(
    ({ definition }) => (definition?.instances ?? 0) > limits.instancesPerAppMax,
  );
  if (large === undefined) return undefined;
  const errors = [`must be at most ${limits.instancesPerAppMax}`];
  return invalidObject([{ path: "/instances", errors }]);
}
