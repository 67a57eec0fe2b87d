import type { AppInfo, QueueItem, Task } from "@tutti/marathon-v2";
import { limits } from "./limits.ts";
import { MachineNames } from "./machine-names.ts";
import { pause } from "./pause.ts";
import type { Session } from "./session.ts";
import { stuckReasons } from "./wait-advice.ts";

/** An app that lacks instances which no machine can take. */
export interface ShortApp {
  readonly id: string;
  readonly running: number;
  readonly instances: number;
  /** A sentence. */
  readonly why: string;
}

/** The apps that have instances on an agent; none when Marathon does not answer. */
export async function appsOn({ marathon }: Session, agentId: string): Promise<ReadonlySet<string>> {
  const answer = await marathon.call<{ readonly tasks: readonly Task[] }>({ path: "/v2/tasks" });
  const tasks = answer.ok ? answer.value.tasks : [];
  return new Set(tasks.filter(({ slaveId }) => slaveId === agentId).map(({ appId }) => appId));
}

/** A machine that was drained. */
interface Drained {
  readonly name: string;
  /** The apps that had instances there. */
  readonly were: ReadonlySet<string>;
}

/**
 * The apps that are left short by the drain of a machine: those that were there, or would find room on it, and wait
 * for a reason that does not pass by itself. Marathon needs a moment to find other machines: it is given one.
 */
export async function appsLeftShort(
  session: Session,
  drained: Drained,
): Promise<readonly ShortApp[]> {
  const names = new MachineNames(session.target.cluster);
  const untilMs = performance.now() + limits.placementMsMax;
  for (;;) {
    const items = await readQueue(session);
    const waiting = items.filter((item) => isAffected(item, drained, names));
    const undecided = waiting.filter((item) => !isStuck(item));
    const isOver = performance.now() > untilMs;
    if (undecided.length === 0 || isOver) {
      return waiting.length === 0 ? [] : shortApps(session, waiting.filter(isStuck), names);
    }
    if (!(await pause(limits.pollIntervalMs, session.signal))) return [];
  }
}

type Item = Partial<QueueItem>;

async function readQueue({ marathon }: Session): Promise<readonly Item[]> {
  const answer = await marathon.call<{ readonly queue: readonly Item[] }>({ path: "/v2/queue" });
  return answer.ok ? answer.value.queue : [];
}

function isAffected(
  { app, explanation }: Item,
  { name, were }: Drained,
  names: MachineNames,
): boolean {
  if (were.has(app?.id ?? "")) return true;
  const { reasons = [], details = [] } = explanation ?? {};
  // The machine is named as drained where that alone rules it out.
  return (
    reasons.includes("MAINTENANCE") &&
    details.some((detail) => {
      const drained = /^(.+) (?:is|are) (?:being )?drained by an operator\.$/.exec(detail)?.[1];
      return names
        .inText(drained ?? "")
        .split(/, | and /)
        .includes(name);
    })
  );
}

function isStuck({ explanation }: Item): boolean {
  return explanation?.reasons.some((reason) => stuckReasons.test(reason)) ?? false;
}

async function shortApps(
  { marathon }: Session,
  items: readonly Item[],
  names: MachineNames,
): Promise<readonly ShortApp[]> {
  const answer = await marathon.call<{ readonly apps: readonly AppInfo[] }>({
    path: "/v2/apps?embed=apps.counts",
  });
  const apps = answer.ok ? answer.value.apps : [];
  return items.flatMap(({ app, explanation }) => {
    const shown = apps.find(({ id }) => id === app?.id);
    const { tasksRunning: running = 0, id, instances } = shown ?? { id: "", instances: 0 };
    if (running >= instances) return [];
    return [{ id, running, instances, why: names.inText((explanation?.details ?? []).join(" ")) }];
  });
}
