import { afterEach, describe, expect, it } from "vitest";
import { encodeRecord, startHttpServer } from "@tutti/http";
import type { HttpReply, HttpRequest, HttpServer, StreamWriter } from "@tutti/http";
import { codecFor, jsonCodec, messages, protobufCodec } from "@tutti/mesos-v1";
import type { Codec, SchedulerCall, SchedulerEvent } from "@tutti/mesos-v1";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import type { SchedulerNotice } from "../core/index.ts";
import { createSchedulerClient } from "./scheduler-client.ts";
import type { FrameworkIdStore, SchedulerClient } from "./scheduler-client.ts";

/** The scheduler endpoint of a master, by hand. */
class ScriptedMaster {
  readonly calls: SchedulerCall[] = [];
  readonly authorizations: (string | undefined)[] = [];
  redirectTo: string | undefined;
  stream: StreamWriter | undefined;
  #server: HttpServer | undefined;
  #codec: Codec = jsonCodec;

  async start(): Promise<this> {
    this.#server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: [
        {
          path: "/api/v1/scheduler",
          methods: { POST: (request) => this.#answer(request) },
        },
      ],
      onError: (error) => {
        throw error;
      },
    });
    return this;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  send(event: SchedulerEvent): void {
    this.stream?.write(encodeRecord(this.#codec.encode(messages.SchedulerEvent, event)));
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  #answer(request: HttpRequest): HttpReply {
    const codec = codecFor(request.headers["content-type"] ?? "") ?? jsonCodec;
    this.#codec = codec;
    this.authorizations.push(request.headers["authorization"]);
    const call = codec.decode(messages.SchedulerCall, request.body);
    if (!call.ok) return { status: 400, body: call.error.message };
    if (this.redirectTo !== undefined) {
      const location = `${this.redirectTo.replace("http:", "")}/api/v1/scheduler`;
      return { status: 307, headers: { Location: location } };
    }
    this.calls.push(call.value);
    if (call.value.type !== "SUBSCRIBE") {
      return request.headers["mesos-stream-id"] === "s-1"
        ? { status: 202 }
        : { status: 400, body: "The stream ID is wrong" };
    }
    const headers = { "Content-Type": codec.mediaType, "Mesos-Stream-Id": "s-1" };
    return {
      status: 200,
      headers,
      stream: (writer) => {
        this.stream = writer;
        this.send({
          type: "SUBSCRIBED",
          subscribed: { framework_id: { value: "f-1" }, heartbeat_interval_seconds: 15 },
        });
      },
    };
  }
}

/** Keeps the id in memory. */
class MemoryStore implements FrameworkIdStore {
  saved: string | undefined;

  load(): Promise<string | undefined> {
    return Promise.resolve(this.saved);
  }

  save(frameworkId: string | undefined): Promise<void> {
    this.saved = frameworkId;
    return Promise.resolve();
  }
}

const masters: ScriptedMaster[] = [];
const clients: SchedulerClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.stop();
  for (const master of masters.splice(0)) await master.stop();
});

async function scriptedMaster(): Promise<ScriptedMaster> {
  const master = await new ScriptedMaster().start();
  masters.push(master);
  return master;
}

interface Subscriber {
  readonly client: SchedulerClient;
  readonly notices: SchedulerNotice[];
  readonly store: MemoryStore;
}

async function subscriber(urls: readonly string[], codec?: Codec): Promise<Subscriber> {
  const notices: SchedulerNotice[] = [];
  const store = new MemoryStore();
  const client = await createSchedulerClient({
    masters: urls,
    secret: "s3cret",
    framework: { user: "nobody", name: "test", roles: ["*"] },
    frameworkId: store,
    ...(codec === undefined ? {} : { codec }),
    clock: systemClock,
    random: cryptoRandom,
    onNotice: (notice) => notices.push(notice),
    onFatal: (error) => {
      throw error;
    },
  });
  clients.push(client);
  return { client, notices, store };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("did not happen in time");
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe("scheduler client", () => {
  for (const codec of [jsonCodec, protobufCodec]) {
    it(`[SDK1] subscribes, is told events and sends calls in ${codec.mediaType}`, async () => {
      const master = await scriptedMaster();
      const { client, notices, store } = await subscriber([master.url], codec);
      await until(() => notices.some(({ type }) => type === "subscribed"));
      expect(store.saved).toBe("f-1");
      master.send({ type: "RESCIND", rescind: { offer_id: { value: "o-1" } } });
      await until(() => notices.some(({ type }) => type === "event"));
      expect(notices.at(-1)).toMatchObject({
        event: { type: "RESCIND", rescind: { offer_id: { value: "o-1" } } },
      });
      client.call({ type: "REVIVE", revive: { roles: ["*"] } });
      client.call({ type: "SUPPRESS", suppress: { roles: ["*"] } });
      await until(() => master.calls.length === 3);
      expect(master.calls.map(({ type }) => type)).toEqual(["SUBSCRIBE", "REVIVE", "SUPPRESS"]);
      expect(master.calls[1]?.framework_id).toEqual({ value: "f-1" });
      expect(new Set(master.authorizations)).toEqual(new Set(["Bearer s3cret"]));
    });
  }

  it("[SDK4] follows the redirect of a master that does not lead", async () => {
    const [follower, leader] = [await scriptedMaster(), await scriptedMaster()];
    follower.redirectTo = leader.url;
    const { notices } = await subscriber([follower.url]);
    await until(() => notices.some(({ type }) => type === "subscribed"));
    expect(notices.find(({ type }) => type === "subscribed")).toMatchObject({
      masterUrl: leader.url,
    });
  });

  it("[SDK3] finds its way back after the stream was cut, with its old id", async () => {
    const master = await scriptedMaster();
    const { notices } = await subscriber([master.url]);
    await until(() => notices.some(({ type }) => type === "subscribed"));
    master.stream?.destroy();
    await until(() => notices.filter(({ type }) => type === "subscribed").length === 2);
    expect(master.calls.at(-1)).toMatchObject({
      type: "SUBSCRIBE",
      framework_id: { value: "f-1" },
    });
    expect(notices.map(({ type }) => type)).toEqual(["subscribed", "disconnected", "subscribed"]);
  });

  it("[SDK3] goes on trying when no master is there", async () => {
    const master = await scriptedMaster();
    const { url } = master;
    await master.stop();
    const { client, notices } = await subscriber([url]);
    await until(() => notices.filter(({ type }) => type === "disconnected").length >= 3);
    expect(client.state).not.toBe("subscribed");
  });
});
