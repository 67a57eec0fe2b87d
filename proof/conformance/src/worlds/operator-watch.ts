// An operator's stream of events, compared with a recorded one.
import type { MasterEvent } from "@tutti/mesos-v1";
import { isCheckReport } from "./check-reports.ts";
import { readExchange } from "../recordings/exchanges.ts";
import { differencesOf, shapeOf } from "../recordings/shape.ts";
import type { ShapeRules } from "../recordings/shape.ts";
import { eventually, openInbox } from "./http-world.ts";
import type { Inbox, World } from "./http-world.ts";

const shapes: ShapeRules = {
  mayHave: [],
  mayLack: [/\.executor_pid$/],
  dictionaries: [],
};

/** One subscriber. */
export class OperatorWatch {
  readonly #inbox: Inbox<MasterEvent>;

  private constructor(inbox: Inbox<MasterEvent>) {
    this.#inbox = inbox;
  }

  static async open(world: World): Promise<OperatorWatch> {
    return new OperatorWatch(await openInbox(world, "/api/v1", '{"type":"SUBSCRIBE"}'));
  }

  /**
   * Where what was told differs from the recorded stream `file`: for each task and framework that
   * `concerns` names, the same events in the same order with the same fields.
   */
  async differencesOf(
    file: string,
    concerns: (subject: string) => boolean = () => true,
    withinMs?: number,
  ): Promise<string[]> {
    const { events = [], response } = readExchange(file);
    if (response.status !== 200) return [`status 200 instead of ${response.status}`];
    const recorded = events.flatMap(({ dir, body }) =>
      dir === "event" ? [body as MasterEvent] : [],
    );
    const theirs = recorded.filter((event) => concerns(subjectOf(event)));
    const wanted = linesOf(theirs);
    const mine = (): readonly MasterEvent[] =>
      this.#inbox.items.filter((event) => concerns(subjectOf(event)));
    try {
      await eventually(
        "as many events",
        () => linesOf(mine()).length >= wanted.length || undefined,
        withinMs,
      );
    } catch {
      return [`only ${linesOf(mine()).join(", ")} instead of ${wanted.join(", ")}`];
    }
    const lines = linesOf(mine());
    const found = wanted.filter((line) => !lines.includes(line)).map((line) => `missing ${line}`);
    found.push(...lines.filter((line) => !wanted.includes(line)).map((line) => `more: ${line}`));
    for (const type of new Set(theirs.map((event) => event.type))) {
      const ofType = (list: readonly MasterEvent[]): unknown =>
        list.filter((event) => event.type === type);
      found.push(...differencesOf(shapeOf(ofType(mine())), shapeOf(ofType(theirs)), shapes));
    }
    return found;
  }

  close(): void {
    this.#inbox.drop();
  }
}

/** The task, framework or agent that an event is about. */
function subjectOf(event: MasterEvent): string {
  return (
    event.task_added?.task.task_id.value ??
    event.task_updated?.status.task_id.value ??
    event.framework_added?.framework.framework_info.name ??
    event.framework_updated?.framework.framework_info.name ??
    event.framework_removed?.framework_info.name ??
    (event.type === "AGENT_ADDED" ? "an agent" : "")
  );
}

/** Event by event, numbered within its subject: subjects may be interleaved in any way. */
function linesOf(events: readonly MasterEvent[]): string[] {
  const counts = new Map<string, number>();
  return events.flatMap((event) => {
    if (event.type === "HEARTBEAT" || isCheckReport(event.task_updated?.status)) return [];
    const subject = subjectOf(event);
    const number = (counts.get(subject) ?? 0) + 1;
    counts.set(subject, number);
    const state = event.task_updated?.status.state;
    return [`${subject} ${number}: ${event.type ?? ""}${state === undefined ? "" : ` ${state}`}`];
  });
}
