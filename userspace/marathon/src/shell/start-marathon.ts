import { createCancellation, utf8Encode } from "@tutti/base";
import { openSqliteCoordination } from "@tutti/coordination";
import type { Coordination, Leadership } from "@tutti/coordination";
import { isSafeMethod, jsonReply, startHttpServer } from "@tutti/http";
import type { HttpServer, RequestHead, Route } from "@tutti/http";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import { refusalBody } from "@tutti/marathon-v2";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { createSchedulerClient } from "@tutti/sdk";
import type { SchedulerClient, SchedulerNotice } from "@tutti/sdk";
import { Marathon, recordPaths } from "../core/index.ts";
import type {
  MarathonDurable,
  MarathonEffect,
  MarathonEntry,
  MarathonEvent,
} from "../core/index.ts";
import type { MarathonConfig, RunningMarathon } from "./config.ts";
import { answerHeaders } from "./answer-headers.ts";
import { EventHub } from "./event-hub.ts";
import { frameworkOf } from "./framework-info.ts";
import { frameworkIdStore } from "./framework-id-store.ts";
import { limits } from "./limits.ts";
import { electionName, RecordWriter } from "./record-writer.ts";
import { refusalReply } from "./replies.ts";
import { principalOf } from "./requests.ts";
import { methodNotAllowed } from "./routes/app-paths.ts";
import { appRoutes } from "./routes/apps.ts";
import { deploymentRoutes } from "./routes/deployments.ts";
import { eventRoutes } from "./routes/events.ts";
import { groupRoutes } from "./routes/groups.ts";
import { queueRoutes } from "./routes/queue.ts";
import { systemRoutes } from "./routes/system.ts";
import { taskRoutes } from "./routes/tasks.ts";
import { MarathonService } from "./service.ts";

/**
 * Starts Marathon: waits to lead, recovers its state, listens, subscribes. Throws a `Fault` when the
 * database cannot be opened or the address cannot be listened on.
 */
export async function startMarathon(config: MarathonConfig): Promise<RunningMarathon> {
  const coordination = openSqliteCoordination({ file: `${config.stateDir}/marathon.db` });
  const leadership = await lead(config, coordination);
  return Process.start(config, coordination, leadership);
}

async function lead(config: MarathonConfig, coordination: Coordination): Promise<Leadership> {
  const announcement = utf8Encode(JSON.stringify({ ip: config.ip, port: config.port }));
  try {
    return await coordination.elect(electionName, announcement, createCancellation().cancellation);
  } catch (error) {
    await coordination.close();
    throw error;
  }
}

/** All parts of a running Marathon, and how they hold together. */
class Process implements RunningMarathon {
  readonly #config: MarathonConfig;
  readonly #coordination: Coordination;
  readonly #leadership: Leadership;
  readonly #writer: RecordWriter;
  readonly #marathon: Marathon;
  readonly #service: MarathonService;
  readonly #loop: MachineLoop<MarathonEvent, MarathonDurable>;
  #server: HttpServer | undefined;
  #client: SchedulerClient | undefined;
  #lastReason = "";
  #stopped = false;

  static async start(
    config: MarathonConfig,
    coordination: Coordination,
    leadership: Leadership,
  ): Promise<Process> {
    const process = new Process(config, coordination, leadership);
    try {
      await process.#writer.recover();
      process.#loop.start({ records: await coordination.list(recordPaths.root) });
      await process.#listen();
      await process.#subscribe();
    } catch (error) {
      await process.stop();
      throw error;
    }
    return process;
  }

  private constructor(config: MarathonConfig, coordination: Coordination, leadership: Leadership) {
    this.#config = config;
    this.#coordination = coordination;
    this.#leadership = leadership;
    this.#writer = new RecordWriter(coordination, leadership);
    const clock = config.clock ?? systemClock;
    this.#marathon = new Marathon({
      roles: config.roles ?? ["*", "slave_public"],
      servicePorts: { min: 10_000, max: 20_000 },
      ...(config.frameworkName === undefined ? {} : { frameworkName: config.frameworkName }),
    });
    this.#service = new MarathonService(this.#marathon, clock, new EventHub(clock));
    this.#loop = createMachineLoop<MarathonEvent, MarathonEntry, MarathonEffect, MarathonDurable>(
      this.#marathon,
      {
        clock,
        random: config.random ?? cryptoRandom,
        persist: (entries, done) => void this.#persist(entries, done),
        perform: (effect) => this.#perform(effect),
        wake: { type: "wake" },
        fatal: (error) => this.#fatal(error),
        stallMs: limits.stallMs,
        onStall: (stalledMs) => this.#log(`was blocked for ${Math.round(stalledMs)} ms`),
      },
    );
    this.#service.connect(this.#loop);
    leadership.lost.addEventListener("abort", () => {
      if (!this.#stopped) this.#fatal(new Error("another Marathon took the lead"));
    });
  }

  get url(): string {
    return this.#server?.url ?? `http://${this.#config.ip}:${this.#config.port}`;
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#client?.stop();
    this.#service.events.stop();
    await this.#server?.close();
    this.#loop.stop();
    await this.#leadership.resign();
    await this.#coordination.close();
  }

  async #listen(): Promise<void> {
    const { config } = this.#parts();
    this.#server = await startHttpServer({
      host: config.ip,
      port: config.port,
      routes: this.#routes(),
      guard: (head) => this.#guard(head),
      ...(config.hostNames === undefined ? {} : { hostNames: config.hostNames }),
      notFound: (request) => jsonReply(404, { message: `URI not found: ${request.path}` }),
      methodNotAllowed,
      bodyTooLarge: (bytesMax) =>
        refusalReply({
          code: "BODY_TOO_LARGE",
          message: `The body may have at most ${bytesMax} bytes: split the request.`,
        }),
      commonHeaders: answerHeaders(() => this.url),
      onError: (error, { method, path }) => this.#log(`${method} ${path}: ${String(error)}`),
    });
    this.#log(`listens on ${this.url}`);
  }

  #routes(): readonly Route[] {
    const { config, service } = this.#parts();
    return [
      ...appRoutes(service, config),
      ...taskRoutes(service, config),
      ...deploymentRoutes(service, config),
      ...queueRoutes(service, config),
      ...groupRoutes(service),
      ...eventRoutes(service, config.clock ?? systemClock),
      ...systemRoutes(service, config, () => this.url),
    ].map((route) => ({ bodyBytesMax: limits.bodyBytesMax, ...route }));
  }

  #parts(): { readonly config: MarathonConfig; readonly service: MarathonService } {
    return { config: this.#config, service: this.#service };
  }

  /** A write without the secret is refused before its body is read. */
  #guard(head: RequestHead): ReturnType<typeof jsonReply> | undefined {
    if (isSafeMethod(head.method)) return undefined;
    if (principalOf(this.#config, head.headers).type !== "anonymous") return undefined;
    const refusal = {
      code: "UNAUTHENTICATED",
      message:
        "This needs the cluster's secret: send it as 'Authorization: Bearer SECRET'. " +
        "The command that started the cluster printed it.",
    } as const;
    return jsonReply(401, refusalBody(refusal), { "WWW-Authenticate": "Bearer" });
  }

  async #subscribe(): Promise<void> {
    const config = this.#config;
    const clock = config.clock ?? systemClock;
    const random = config.random ?? cryptoRandom;
    this.#client = await createSchedulerClient({
      masters: config.masters,
      ...(config.open ? {} : { secret: config.secret }),
      framework: frameworkOf(config, this.url),
      frameworkId: frameworkIdStore(this.#coordination, this.#writer),
      suppressedRoles: () =>
        this.#marathon.suppressedRoles({
          monoMs: clock.monoMs(),
          wallMs: clock.wallMs(),
          random,
        }),
      clock,
      random,
      onNotice: (notice) => this.#notice(notice),
      onFatal: (error) => this.#fatal(error),
    });
  }

  #notice(notice: SchedulerNotice): void {
    if (this.#stopped) return;
    switch (notice.type) {
      case "subscribed":
        this.#lastReason = "";
        this.#log(`subscribed at ${notice.masterUrl} as framework ${notice.frameworkId}`);
        this.#loop.post(notice);
        break;
      case "event":
        this.#loop.post({ type: "schedulerEvent", event: notice.event });
        break;
      case "disconnected":
        if (notice.reason !== this.#lastReason) this.#log(`no master: ${notice.reason}`);
        this.#lastReason = notice.reason;
        this.#loop.post(notice);
        break;
      case "callRefused":
        this.#log(`the master refused ${notice.call.type ?? "a call"}: ${notice.text}`);
        break;
      case "removed":
        this.#log(`the master removed this framework, it subscribes anew: ${notice.reason}`);
        break;
    }
  }

  async #persist(entries: readonly MarathonEntry[], done: (error?: Error) => void): Promise<void> {
    let failure: Error | undefined;
    try {
      await this.#writer.write(entries);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error), { cause: error });
    }
    done(failure);
  }

  #perform(effect: MarathonEffect): void {
    if (effect.type === "call") this.#client?.call(effect.call);
    else this.#service.perform(effect);
  }

  #log(line: string): void {
    const log = this.#config.log ?? ((text: string) => void process.stderr.write(`${text}\n`));
    log(`marathon: ${line}`);
  }

  #fatal(error: Error): void {
    if (this.#stopped) return;
    this.#log(`ends: ${error.message}`);
    const onFatal = this.#config.onFatal ?? throwLater;
    onFatal(error);
  }
}

/** Nobody catches it: the process ends. */
function throwLater(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
