import { utf8Encode } from "@tutti/base";
import type { Instance } from "@tutti/marathon/core";
import { recordPaths } from "@tutti/marathon/core";
import type { VersionedApp } from "@tutti/marathon-v2";
import type { Observation, Observer } from "@tutti/simulator";
import { modelOfDecisions, RecordModel } from "../record-model.ts";
import type { RecordChange } from "../record-model.ts";
import { Truth } from "../truth.ts";
import type { Judged } from "../checkers/checker.ts";

/** A cluster that does what a test says, for the question whether a checker sees it. */
export class Scene implements Judged {
  readonly #observers: Observer[] = [];
  readonly durable = new RecordModel();
  readonly cluster: Judged["cluster"] = {
    addObserver: (observer) => {
      this.#observers.push(observer);
    },
    nowMs: () => 0,
    nameOf: (taskId) => taskId,
    wallMsOf: () => 0,
  };
  readonly decided = modelOfDecisions(this.cluster);
  readonly truth = new Truth(this.cluster);

  /** Lets it happen. */
  see(...observations: readonly Observation[]): this {
    for (const observation of observations) {
      for (const observer of this.#observers) observer(observation, 0);
    }
    return this;
  }

  /** Makes records durable, and decided in one step of Marathon. */
  commit(...changes: readonly RecordChange[]): this {
    this.durable.apply(changes);
    const entries = changes.map(({ path, value }) =>
      value === undefined
        ? ({ type: "delete", path } as const)
        : ({ type: "put", path, value } as const),
    );
    return this.see({ type: "marathonStepped", entries });
  }
}

/** A container starts; the definition of its limits is what the checkers look at. */
export function starts(
  taskId: string,
  { node = "agent1", cpusMilli = 100, ports = "" } = {},
): Observation {
  const limits = { cpusMilli, memoryBytes: 1024 * 1024, processesMax: 10, filesMax: 10 };
  const spec = {
    containerId: `container-of-${taskId}-on-${node}`,
    limits,
    env: { MESOS_TASK_ID: taskId, PORTS: ports },
  };
  return { type: "containerStarted", node, taskId, spec: spec as never };
}

/** The record of an instance that runs and is wanted. */
export function instanceRecord(taskId: string, more: Partial<Instance> = {}): RecordChange {
  const instance: Partial<Instance> = {
    id: taskId,
    taskId,
    appId: "/web",
    version: "v1",
    configVersion: "v1",
    goal: "Running",
    condition: "Running",
    taskState: "TASK_RUNNING",
    host: "agent1",
    healthJudge: "none",
    failuresMax: 0,
    stagedAtMs: 0,
    ...more,
  };
  return record(recordPaths.instances + taskId, { instance });
}

/** The records of an app `/web` with its version `v1`. */
export function appRecords(instances: number, rolling = false): readonly RecordChange[] {
  const app: Partial<VersionedApp> & Record<string, unknown> = {
    id: "/web",
    version: "v1",
    instances,
    versionInfo: { lastScalingAt: "v1", lastConfigChangeAt: "v1" },
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 0.5 },
  };
  const applied = { version: "v1", instances, rolling };
  return [
    record(`${recordPaths.versions}web/v1`, { app }),
    record(`${recordPaths.apps}web`, { id: "/web", version: "v1", applied }),
  ];
}

function record(path: string, value: unknown): RecordChange {
  return { path, value: utf8Encode(JSON.stringify(value)) };
}
