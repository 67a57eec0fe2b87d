import { assertNever, utf8Decode, utf8Encode } from "@tutti/base";
import type { CoordinationRecord, RecordWrite } from "@tutti/coordination/core";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import { Marathon, recordPaths } from "@tutti/marathon/core";
import type {
  MarathonDurable,
  MarathonEffect,
  MarathonEntry,
  MarathonEvent,
  World,
} from "@tutti/marathon/core";
import type { FrameworkInfo, SchedulerEvent } from "@tutti/mesos-v1";
import { Subscription } from "@tutti/sdk/core";
import type {
  SchedulerNotice,
  SubscriptionDurable,
  SubscriptionEffect,
  SubscriptionEntry,
  SubscriptionEvent,
} from "@tutti/sdk/core";
import type { SimulatedNode } from "@tutti/testkit";
import { answerOf, parseRequest, refusalAnswer } from "./marathon-api.ts";
import type { ApiAnswer } from "./marathon-api.ts";
import { observedMachine } from "./observed-machine.ts";
import { SchedulerConnection } from "./scheduler-connection.ts";
import { marathonApi } from "./services.ts";
import type { Process, Site } from "./site.ts";
import { StoreSession } from "./store-session.ts";
import type { StorePlace } from "./store-session.ts";

const electionName = "marathon";
const roles = ["*", "slave_public"];

const framework: FrameworkInfo = {
  user: "nobody",
  name: "marathon",
  hostname: "marathon",
  webui_url: "http://marathon:8080",
  checkpoint: true,
  failover_timeout: 604_800,
  roles,
  capabilities: [
    { type: "MULTI_ROLE" },
    { type: "PARTITION_AWARE" },
    { type: "TASK_KILLING_STATE" },
    { type: "RESERVATION_REFINEMENT" },
    { type: "GPU_RESOURCES" },
    { type: "REGION_AWARE" },
  ],
};

/** All parts of one life of Marathon's process. */
interface Life {
  readonly marathon: Marathon;
  readonly loop: MachineLoop<MarathonEvent, MarathonDurable>;
  readonly client: MachineLoop<SubscriptionEvent, SubscriptionDurable>;
  readonly replies: Map<number, (answer: ApiAnswer) => void>;
  connection: SchedulerConnection | undefined;
  requests: number;
}

/** Marathon's process: its core and the scheduler client under it. */
export class MarathonProcess implements Process {
  readonly #site: Site;
  readonly #node: SimulatedNode;
  readonly #place: StorePlace;
  #life: Life | undefined;

  constructor(site: Site, node: SimulatedNode, place: StorePlace) {
    this.#site = site;
    this.#node = node;
    this.#place = place;
  }

  /** What the core knows; undefined while it is down or recovering. */
  world(): World | undefined {
    return this.#node.state === "down" ? undefined : this.#life?.marathon.world;
  }

  start(): void {
    this.#life = undefined;
    const session = new StoreSession(this.#site, this.#node, this.#place);
    const fail = (error: Error): void => this.#site.fatal(this.#node.name, error);
    session.elect(
      electionName,
      utf8Encode(this.#node.name),
      (epoch) => {
        session.list(recordPaths.root, (answer) => {
          if (answer.ok) this.#begin(session, epoch, answer.value);
          else fail(answer.fault);
        });
      },
      () => fail(new LeadershipLost()),
    );
  }

  #begin(session: StoreSession, epoch: number, records: readonly CoordinationRecord[]): void {
    const { clock, random } = this.#node;
    const marathon = new Marathon({ roles, servicePorts: { min: 10_000, max: 20_000 } });
    const fatal = (error: Error): void => this.#site.fatal(this.#node.name, error);
    const look = (entries: readonly MarathonEntry[]): void => {
      this.#site.observe({ type: "marathonStepped", entries });
    };
    const write = (writes: readonly RecordWrite[], done: (error?: Error) => void): void => {
      this.#write(session, epoch, writes, done);
    };
    const loop = createMachineLoop<MarathonEvent, MarathonEntry, MarathonEffect, MarathonDurable>(
      observedMachine(marathon, look),
      {
        clock,
        random,
        persist: write,
        perform: (effect) => this.#perform(life, effect),
        wake: { type: "wake" },
        fatal,
      },
    );
    const subscription = new Subscription({
      masters: this.#site.masterUrls,
      framework,
      suppressedRoles: () =>
        marathon.suppressedRoles({ monoMs: clock.monoMs(), wallMs: clock.wallMs(), random }),
    });
    const client = createMachineLoop<
      SubscriptionEvent,
      SubscriptionEntry,
      SubscriptionEffect,
      SubscriptionDurable
    >(subscription, {
      clock,
      random,
      persist: (entries, done) => write([frameworkIdWrite(entries)], done),
      perform: (effect) => this.#performClient(life, effect),
      wake: { type: "wake" },
      fatal,
    });
    const life: Life = {
      marathon,
      loop,
      client,
      replies: new Map(),
      connection: undefined,
      requests: 0,
    };
    this.#life = life;
    this.#node.onCrash(() => {
      loop.stop();
      client.stop();
    });
    this.#site.observe({ type: "marathonRecovers", records });
    loop.start({ records });
    this.#serve(life);
    client.start({ frameworkId: frameworkIdOf(records) });
    client.post({ type: "start" });
  }

  #serve(life: Life): void {
    const { network, codec } = this.#site;
    network.serve(this.#node, marathonApi, (request, reply, from) => {
      const parsed = parseRequest(codec.document(request) as typeof request);
      if (!parsed.ok) {
        reply(refusalAnswer(parsed.error));
        return;
      }
      this.#site.observe({ type: "commandArrived", request: parsed.value });
      life.requests += 1;
      const requestId = life.requests;
      life.replies.set(requestId, reply);
      life.loop.post({
        type: "apiRequest",
        requestId,
        principal: { type: "secretBearer" },
        clientIp: from,
        uri: request.type,
        request: parsed.value,
      });
    });
  }

  #write(
    session: StoreSession,
    epoch: number,
    writes: readonly RecordWrite[],
    done: (error?: Error) => void,
  ): void {
    if (this.#site.sabotage.isEarly(this.#site.random)) done();
    session.write(electionName, epoch, newestOf(writes), (answer) => {
      if (!answer.ok) done(answer.fault);
      else if (answer.value.type !== "written") done(new LeadershipLost());
      else done();
    });
  }

  #perform(life: Life, effect: MarathonEffect): void {
    switch (effect.type) {
      case "call":
        life.client.post({ type: "call", call: effect.call });
        break;
      case "reply": {
        const answer = answerOf(effect.reply);
        const body = this.#site.codec.document(answer.body ?? null);
        life.replies.get(effect.requestId)?.({ status: answer.status, body });
        life.replies.delete(effect.requestId);
        break;
      }
      case "publishEvent":
        this.#site.observe({ type: "eventPublished", event: effect.event });
        break;
      default:
        assertNever(effect);
    }
  }

  #performClient(life: Life, effect: SubscriptionEffect): void {
    switch (effect.type) {
      case "dial":
        life.connection = new SchedulerConnection(this.#site, this.#node, effect, (event) =>
          life.client.post(event),
        );
        life.connection.open(effect.call);
        break;
      case "hangUp":
        if (life.connection?.attempt === effect.attempt) life.connection.close();
        break;
      case "post":
        if (life.connection?.attempt === effect.attempt) {
          life.connection.send(effect.call, effect.streamId);
        }
        break;
      case "notify":
        this.#notice(life, effect.notice);
        break;
      default:
        assertNever(effect);
    }
  }

  #observeUpdate({ update }: SchedulerEvent): void {
    if (update === undefined) return;
    const { task_id: taskId, state } = update.status;
    this.#site.observe({ type: "updateArrived", taskId: taskId.value, state });
  }

  #notice(life: Life, notice: SchedulerNotice): void {
    switch (notice.type) {
      case "subscribed": {
        const { masterUrl: master, isNew } = notice;
        this.#site.observe({ type: "marathonConnected", master, isNew });
        life.loop.post(notice);
        break;
      }
      case "event":
        this.#observeUpdate(notice.event);
        life.loop.post({ type: "schedulerEvent", event: notice.event });
        break;
      case "disconnected":
        this.#site.observe({ type: "marathonDisconnected", reason: notice.reason });
        life.loop.post(notice);
        break;
      case "callRefused":
      case "removed":
        this.#site.observe({ type: "marathonRefused", notice });
        break;
      default:
        assertNever(notice);
    }
  }
}

/** Another one leads: the process ends and begins anew. */
class LeadershipLost extends Error {
  readonly retryable = true;

  constructor() {
    super("another Marathon leads");
  }
}

function frameworkIdWrite(entries: readonly SubscriptionEntry[]): RecordWrite {
  const path = recordPaths.frameworkId;
  const id = entries.at(-1)?.frameworkId;
  return id === undefined ? { type: "delete", path } : { type: "put", path, value: utf8Encode(id) };
}

function frameworkIdOf(records: readonly CoordinationRecord[]): string | undefined {
  const record = records.find(({ path }) => path === recordPaths.frameworkId);
  return record === undefined ? undefined : utf8Decode(record.value);
}

/** The last write of each path, where the first one stood. */
function newestOf(writes: readonly RecordWrite[]): readonly RecordWrite[] {
  const byPath = new Map<string, RecordWrite>();
  for (const write of writes) byPath.set(write.path, write);
  return [...byPath.values()];
}
