import type { AppId } from "@tutti/ids";
import { type AppInfo, neverRan, type QueueItem, type Task } from "@tutti/marathon-v2";
import { limits } from "./limits.ts";
import { MachineNames } from "./machine-names.ts";
import { done, type Outcome, refused } from "./refusal.ts";
import type { Session } from "./session.ts";

type Failure = NonNullable<AppInfo["lastTaskFailure"]>;

/** What is wrong with an app whose instances fail one after another, told by looks at it. Rule CLI10. */
export class FailureCount {
  #tasks = new Set<string>();
  #message = "";

  /** Refuses when so many instances in a row failed for the same reason, while none runs, that no patience helps. */
  look(app: AppInfo): Outcome {
    const { tasksRunning = 0, lastTaskFailure: failure } = app;
    if (tasksRunning > 0 || failure === undefined || failure.version !== app.version) {
      this.#tasks.clear();
      return done;
    }
    if (failure.message !== this.#message) this.#tasks.clear();
    this.#message = failure.message;
    this.#tasks.add(failure.taskId);
    const isDead = neverRan(failure);
    const most = isDead ? limits.refusedInstancesMax : limits.endedInstancesMax;
    return this.#tasks.size < most ? done : hopeless(app, failure);
  }
}

function hopeless({ id }: AppInfo, failure: Failure): Outcome {
  const isRefused = failure.state === "TASK_ERROR";
  const what = isRefused
    ? "the cluster refuses its instances"
    : neverRan(failure)
      ? "its instances cannot be started"
      : "it starts and ends again";
  const change = `Change its definition with ./tutti app update ${id} FILE --force, or end it with ./tutti app remove ${id} --force.`;
  return refused("DEPLOYMENT_FAILED", `${id}: ${what}; the deployment goes on trying.`, {
    details: [{ path: failure.state, errors: [failure.message] }],
    hint: neverRan(failure)
      ? change
      : `See what it printed with ./tutti task log ${failure.taskId} --stderr. ${change}`,
  });
}

/** Instances that the deployment started and that run. */
export function startedBy({ tasks = [] }: AppInfo, version: string): readonly Task[] {
  return tasks.filter(
    ({ state, startedAt = "" }) => state === "TASK_RUNNING" && startedAt >= version,
  );
}

/**
 * Instances that ran, so that the deployment was done, and have ended by themselves since. `before`: those that ran
 * when it was.
 */
export async function fallenApart(
  session: Session,
  app: AppInfo,
  { version, before }: { readonly version: string; readonly before: readonly Task[] },
): Promise<Outcome> {
  const { id, instances, tasksRunning = 0 } = app;
  const there = new Set((app.tasks ?? []).map((task) => task.id));
  const isEnded = before.some((task) => !there.has(task.id));
  if (tasksRunning >= instances && !isEnded) return done;
  const failure = failureSince(app, version);
  const isOver = isEnded || failure !== undefined || (await isBackingOff(session, app.id as AppId));
  if (!isOver) return done;
  const names = new MachineNames(session.target.cluster);
  const counts = `${String(tasksRunning)} of ${String(instances)} instances run`;
  if (failure?.state === "TASK_ERROR") {
    return refused("DEPLOYMENT_FAILED", `${id} does not start: ${failure.message} (${counts}).`, {
      hint: `It never ran: change in its definition what the message names, with ./tutti app update ${id} NAME=VALUE.`,
    });
  }
  const how = failure === undefined ? "exit status 0" : endOf(failure, names);
  return refused("DEPLOYMENT_FAILED", `${id} starts and ends again: ${how} (${counts}).`, {
    hint:
      failure === undefined
        ? `An app's command is to go on running. See what it printed with ./tutti task log ${id}.`
        : `See why with ./tutti explain ${id}, and what it printed with ./tutti task log ${id}.`,
  });
}

function failureSince({ lastTaskFailure: failure }: AppInfo, version: string): Failure | undefined {
  if (failure === undefined) return undefined;
  return failure.version < version && failure.timestamp < version ? undefined : failure;
}

function endOf({ message, state }: Failure, names: MachineNames): string {
  const status = /^Command exited with status (\d+)$/.exec(message)?.[1];
  if (status !== undefined) return `exit status ${status}`;
  return message === "" ? state : names.inText(message.replace(/\.$/, ""));
}

/** Whether Marathon holds the app back because its instances ended too soon. */
async function isBackingOff({ marathon }: Session, id: AppId): Promise<boolean> {
  const queue = await marathon.call<{ readonly queue: readonly Partial<QueueItem>[] }>({
    path: "/v2/queue",
  });
  const item = queue.ok ? queue.value.queue.find(({ app }) => app?.id === id) : undefined;
  return (item?.delay?.timeLeftSeconds ?? 0) > 0;
}
