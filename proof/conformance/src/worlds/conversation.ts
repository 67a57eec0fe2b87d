// A recorded conversation of a scheduler, held again with this system.
import { isDeepStrictEqual } from "node:util";
import type { SchedulerCall, SchedulerEvent, TaskStatus } from "@tutti/mesos-v1";
import { readExchange, translate } from "../recordings/exchanges.ts";
import type { RecordedEntry } from "../recordings/exchanges.ts";
import { differencesOf, shapeOf } from "../recordings/shape.ts";
import type { ShapeRules } from "../recordings/shape.ts";
import { isCheckReport } from "./check-reports.ts";
import { eventually, TestScheduler } from "./http-world.ts";
import type { RawResponse, World } from "./http-world.ts";

interface RecordedCall {
  readonly request: { readonly body: SchedulerCall };
  readonly response: { readonly status: number; readonly body: { readonly text?: string } | null };
}

/** How a conversation is held. */
export interface ConversationOptions {
  /** Of earlier conversations: ids of then and of now. */
  readonly ids?: Iterable<readonly [string, string]>;
  /** How long to wait for an event. */
  readonly patienceMs?: number;
  /** Does what was done beside the conversation: an agent killed, a moment waited for. */
  readonly onInfo?: (text: string) => Promise<void>;
}

/** Which resources an offer has depends on what was free when the allocation ran. */
const kindsOfResources = /\.resources\[\]\.(scalar|ranges)$/;

const eventShapes: ShapeRules = {
  mayHave: [kindsOfResources],
  // TASK_STARTING is told before there is a process.
  mayLack: [kindsOfResources, /\.executor_pid$/],
  dictionaries: [],
};

/** Holds one conversation after another with the stream of one framework. */
export class Conversation {
  readonly ids = new Map<string, string>();
  readonly scheduler: TestScheduler;
  readonly #options: ConversationOptions;
  /** Offers that calls have named: what stood for them here, so that a stale one stays stale. */
  readonly #namedOffers = new Map<string, readonly string[]>();
  /** What checks of a task said last. */
  readonly #checked = new Map<string, TaskStatus>();
  readonly #reportsThen = new Set<string>();
  readonly #reportsAcknowledged = new Set<string>();
  /** How many events of each kind have been compared. */
  readonly #seen = new Map<string, number>();

  private constructor(scheduler: TestScheduler, options: ConversationOptions) {
    this.scheduler = scheduler;
    this.#options = options;
    for (const [theirs, ours] of options.ids ?? []) this.ids.set(theirs, ours);
  }

  /** Subscribes as was recorded in `file`. */
  static async open(
    world: World,
    file: string,
    options: ConversationOptions = {},
  ): Promise<Conversation> {
    const { request } = readExchange(file);
    const call = translate(request.body as SchedulerCall, longestFirst(options.ids ?? []));
    return new Conversation(await TestScheduler.open(world, call), options);
  }

  /** Where what happens now differs from the entries of `file`; from those of `part`, by default all. */
  async play(
    file: string,
    part: (entries: readonly RecordedEntry[]) => readonly RecordedEntry[] = (all) => all,
  ): Promise<string[]> {
    const entries = part(inOrderOfCause(readExchange(file).events ?? []));
    const found: string[] = [];
    for (const entry of entries) {
      try {
        found.push(...(await this.#enter(entry)));
      } catch (error) {
        // Without this event nothing that follows can be compared.
        return [...found, `${describe(entry)}: ${String(error)}`];
      }
    }
    return found;
  }

  async #enter(entry: RecordedEntry): Promise<string[]> {
    switch (entry.dir) {
      case "call":
        return this.#call(entry.body as RecordedCall);
      case "event":
        return this.#compareEvent(entry.body as SchedulerEvent);
      case "info":
        await this.#options.onInfo?.(String(entry.body));
        return [];
      case "closed":
        // An attribute error is the recorder's own: it hung up.
        if (String(entry.body).startsWith("AttributeError")) return [];
        await this.#wait("the end of the stream", () => this.scheduler.inbox.isOver || undefined);
        return [];
      default:
        throw new Error(`an entry ${entry.dir}`);
    }
  }

  async #call({ request, response }: RecordedCall): Promise<string[]> {
    const { accept, decline, acknowledge } = request.body;
    // Reports of checks are acknowledged as they come, not as they came then.
    if (acknowledge !== undefined && this.#reportsThen.has(acknowledge.uuid)) return [];
    const theirs = (accept?.offer_ids ?? decline?.offer_ids ?? []).map(({ value }) => value);
    const ours = await this.#offersFor(theirs);
    const call = this.#translated(request.body);
    const offerIds = ours.map((value) => ({ value }));
    const answer: RawResponse = await this.scheduler.call({
      ...call,
      ...(call.accept === undefined ? {} : { accept: { ...call.accept, offer_ids: offerIds } }),
      ...(call.decline === undefined ? {} : { decline: { ...call.decline, offer_ids: offerIds } }),
    });
    const text = this.#translated(response.body?.text ?? "");
    const type = call.type ?? "";
    return [
      ...(answer.status === response.status
        ? []
        : [`${type}: ${answer.status} ${answer.text} instead of ${response.status}`]),
      ...(answer.text === text ? [] : [`${type}: '${answer.text}' instead of '${text}'`]),
    ];
  }

  /** What stands for offers of then: all that is open now, or what stood for them when they were used. */
  async #offersFor(theirs: readonly string[]): Promise<readonly string[]> {
    const [first] = theirs;
    if (first === undefined) return [];
    const named = this.#namedOffers.get(first);
    if (named !== undefined) return named;
    const open = await this.#wait("an open offer", () => {
      const ids = this.scheduler.openOffers().map(({ id }) => id.value);
      return ids.length === 0 ? undefined : ids;
    });
    this.#namedOffers.set(first, open);
    return open;
  }

  async #compareEvent(theirs: SchedulerEvent): Promise<string[]> {
    switch (theirs.type) {
      case "HEARTBEAT":
        return [];
      case "OFFERS":
        // How they are divided into events depends on when allocations run.
        await this.#wait("an open offer", () => this.scheduler.openOffers()[0]);
        return differencesOfShape(
          this.scheduler.events.findLast(({ type }) => type === "OFFERS"),
          theirs,
        );
      case "UPDATE":
        return this.#compareUpdate(theirs);
      case "SUBSCRIBED":
      case undefined:
      default: {
        const ours = await this.#nextOf(theirs.type ?? "", ({ type }) => type === theirs.type);
        if (theirs.subscribed !== undefined) this.#learn(ours, theirs);
        return differencesOfShape(ours, theirs);
      }
    }
  }

  async #compareUpdate(theirs: SchedulerEvent): Promise<string[]> {
    const wanted = theirs.update?.status;
    if (wanted === undefined) throw new Error("an UPDATE without a status");
    const taskId = wanted.task_id.value;
    if (isCheckReport(wanted)) {
      this.#checked.set(taskId, wanted);
      this.#reportsThen.add(wanted.uuid ?? "");
      return [];
    }
    await this.#awaitChecks(taskId);
    const isRepetition = wanted.uuid !== undefined && this.ids.has(wanted.uuid);
    const ours = await this.#nextUpdate(taskId, isRepetition);
    const status = ours.update?.status;
    if (status === undefined) throw new Error("an UPDATE without a status");
    if (wanted.uuid !== undefined && status.uuid !== undefined) {
      this.ids.set(wanted.uuid, status.uuid);
    }
    const found = differencesOfShape(ours, theirs);
    for (const name of [
      "state",
      "source",
      "reason",
      "message",
      "healthy",
      "check_status",
    ] as const) {
      const then = this.#translated(wanted[name]);
      if (!isDeepStrictEqual(status[name], then)) {
        found.push(
          `${taskId} ${wanted.state}: ${name} ${show(status[name])} instead of ${show(then)}`,
        );
      }
    }
    return found;
  }

  /** Waits until checks have said what they said last. */
  async #awaitChecks(taskId: string): Promise<void> {
    const wanted = this.#checked.get(taskId);
    if (wanted === undefined) return;
    this.#checked.delete(taskId);
    await this.#wait(`the report of ${taskId}'s checks`, () =>
      this.scheduler.events.find(
        ({ update }) =>
          update?.status.task_id.value === taskId &&
          update.status.healthy === wanted.healthy &&
          isDeepStrictEqual(update.status.check_status, wanted.check_status),
      ),
    );
  }

  /**
   * The next update of a task. One that was compared before may come once more, when its
   * acknowledgement was lost with an agent that was killed: it is acknowledged again.
   */
  async #nextUpdate(taskId: string, isRepetition: boolean): Promise<SchedulerEvent> {
    const known = new Set(this.ids.values());
    for (;;) {
      const event = await this.#nextOf(
        `UPDATE ${taskId}`,
        ({ update }) => update?.status.task_id.value === taskId && !isCheckReport(update.status),
      );
      const status = event.update?.status;
      if (isRepetition || status?.uuid === undefined || !known.has(status.uuid)) return event;
      await this.#acknowledge(status);
    }
  }

  /** The event after those of its kind that were compared before. */
  async #nextOf(kind: string, isOne: (event: SchedulerEvent) => boolean): Promise<SchedulerEvent> {
    const index = this.#seen.get(kind) ?? 0;
    const event = await this.#wait(kind, () => this.scheduler.events.filter(isOne)[index]);
    this.#seen.set(kind, index + 1);
    return event;
  }

  #learn(ours: SchedulerEvent, theirs: SchedulerEvent): void {
    const frameworkId = theirs.subscribed?.framework_id.value ?? "";
    this.ids.set(frameworkId, ours.subscribed?.framework_id.value ?? "");
    this.ids.set(theirs.subscribed?.master_info?.id ?? "", ours.subscribed?.master_info?.id ?? "");
  }

  #translated<T>(recorded: T): T {
    return recorded === undefined ? recorded : translate(recorded, longestFirst(this.ids));
  }

  #wait<T>(what: string, found: () => T | undefined): Promise<T> {
    return eventually(
      what,
      async () => {
        await this.#acknowledgeReports();
        return found();
      },
      this.#options.patienceMs,
    );
  }

  async #acknowledgeReports(): Promise<void> {
    for (const { update } of this.scheduler.events) {
      const uuid = update?.status.uuid;
      if (update === undefined || uuid === undefined) continue;
      if (!isCheckReport(update.status) || this.#reportsAcknowledged.has(uuid)) continue;
      this.#reportsAcknowledged.add(uuid);
      await this.#acknowledge(update.status);
    }
  }

  async #acknowledge({ agent_id, task_id, uuid }: TaskStatus): Promise<void> {
    if (agent_id === undefined || uuid === undefined) return;
    await this.scheduler.call({ type: "ACKNOWLEDGE", acknowledge: { agent_id, task_id, uuid } });
  }
}

/** So that a framework's id is replaced before the master's, with which it begins. */
function longestFirst(ids: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  return [...ids].filter(([theirs]) => theirs !== "").toSorted(([a], [b]) => b.length - a.length);
}

/** Calls were noted when they were answered: what they caused may stand before them, and is put behind. */
function inOrderOfCause(entries: readonly RecordedEntry[]): RecordedEntry[] {
  const ordered: RecordedEntry[] = [];
  for (const entry of entries) {
    let index = ordered.length;
    if (entry.dir === "call") {
      const { acknowledge } = (entry.body as RecordedCall).request.body;
      if (acknowledge === undefined) {
        while (index > 0 && isOfMaster(ordered[index - 1])) index -= 1;
      } else {
        index = 1 + ordered.findLastIndex((one) => uuidOf(one) === acknowledge.uuid);
      }
    }
    ordered.splice(index, 0, entry);
  }
  return ordered;
}

function uuidOf({ dir, body }: RecordedEntry): string | undefined {
  return dir === "event" ? (body as SchedulerEvent).update?.status.uuid : undefined;
}

function isOfMaster(entry: RecordedEntry | undefined): boolean {
  if (entry?.dir === "closed") return true;
  if (entry?.dir !== "event") return false;
  const status: TaskStatus | undefined = (entry.body as SchedulerEvent).update?.status;
  return status?.source === "SOURCE_MASTER";
}

function differencesOfShape(ours: unknown, theirs: unknown): string[] {
  return differencesOf(shapeOf(ours), shapeOf(theirs), eventShapes);
}

function describe({ t, dir, body }: RecordedEntry): string {
  return `${t.toFixed(1)} s ${dir} ${JSON.stringify(body).slice(0, 120)}`;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
