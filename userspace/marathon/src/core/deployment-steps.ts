import type { DeploymentAction, DeploymentStep, VersionedApp } from "@tutti/marathon-v2";

/** An app that a deployment changes, and how. */
export interface PlannedChange {
  readonly app: string;
  readonly action: "start" | "scale" | "restart" | "stop";
  /** The definition to be reached; of an app to be stopped, the present one. */
  readonly definition: VersionedApp;
}

/**
 * The steps of a deployment: apps to be stopped first, then new apps with no instance yet, then the
 * rest in the order of their dependencies, independent ones together (as Marathon plans). Rule MAR25.
 */
export function deploymentSteps(changes: readonly PlannedChange[]): readonly DeploymentStep[] {
  const steps: DeploymentStep[] = [];
  const stops = changes.filter(({ action }) => action === "stop");
  const starts = changes.filter(({ action }) => action === "start");
  if (stops.length > 0) steps.push({ actions: stops.map(toAction) });
  if (starts.length > 0) {
    steps.push({ actions: starts.map(({ app }) => ({ action: "StartApplication", app })) });
  }
  for (const layer of layersOf(changes.filter(({ action }) => action !== "stop"))) {
    steps.push({ actions: layer.map(toAction) });
  }
  return steps;
}

/** Apps that depend on one another in a circle; empty when there is none. */
export function dependencyCycle(
  definitions: readonly { readonly id: string; readonly dependencies: readonly string[] }[],
): readonly string[] {
  const left = new Map(definitions.map((definition) => [definition.id, definition]));
  for (;;) {
    const free = [...left.values()].filter(
      (definition) =>
        !definition.dependencies.some((path) => anyUnder(left.keys(), path, definition.id)),
    );
    if (free.length === 0) return [...left.keys()];
    for (const { id } of free) left.delete(id);
  }
}

function toAction({ app, action }: PlannedChange): DeploymentAction {
  switch (action) {
    case "start":
    case "scale":
      return { action: "ScaleApplication", app };
    case "restart":
      return { action: "RestartApplication", app };
    case "stop":
      return { action: "StopApplication", app };
  }
}

/** Layer by layer: those whose dependencies within the deployment are all in earlier layers. */
function layersOf(changes: readonly PlannedChange[]): readonly (readonly PlannedChange[])[] {
  const layers: (readonly PlannedChange[])[] = [];
  let left = changes;
  while (left.length > 0) {
    const ids = left.map(({ app }) => app);
    const free = left.filter(
      ({ app, definition }) => !definition.dependencies.some((path) => anyUnder(ids, path, app)),
    );
    const layer = free.length === 0 ? left : free;
    layers.push(layer);
    left = left.filter((change) => !layer.includes(change));
  }
  return layers;
}

/** Whether one of `ids` other than `self` is `path` or lies in the group `path`. */
function anyUnder(ids: Iterable<string>, path: string, self: string): boolean {
  const prefix = path === "/" ? "/" : `${path}/`;
  for (const id of ids) {
    if (id !== self && (id === path || id.startsWith(prefix))) return true;
  }
  return false;
}
