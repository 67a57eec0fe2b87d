import { request } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { setImmediate as rest } from "node:timers/promises";
import type { AgentFact, DiscoveryRecord } from "@tutti/discovery-v1";
import { discoveryPaths } from "@tutti/discovery-v1";
import { RecordDecoder, startHttpServer } from "@tutti/http";
import type { HttpServer } from "@tutti/http";
import { SimulatedWorld } from "@tutti/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FollowerTable } from "../core/index.ts";
import { limits } from "./limits.ts";
import { Publisher } from "./publisher.ts";
import { until } from "./testing/discovery-world.ts";

/** As many facts as are changed in turn, each so long that many changes do not fit into sockets. */
const factCount = 20;
const hostnameUnits = 100_000;
const sleeperCount = 30;

let time: SimulatedWorld;
let publisher: Publisher;
let server: HttpServer;
let readers: Reader[];
let sequence: number;

beforeEach(async () => {
  time = new SimulatedWorld({ seed: 1 });
  const { clock } = time.addNode("m0");
  publisher = new Publisher({
    clock,
    ...{ lineage: "one", epoch: 1, base: undefined, masterSilentMs: () => 0 },
  });
  readers = [];
  sequence = 0;
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [
      {
        path: discoveryPaths.stream,
        streamBufferedBytesMax: limits.followerBufferedBytesMax,
        methods: {
          POST: ({ headers, remoteAddress }) => ({
            status: 200,
            stream: (writer) => {
              const machine = headers["machine"] ?? "";
              publisher.follow({ versionMin: 1, versionMax: 1, machine }, writer, remoteAddress);
            },
          }),
        },
      },
    ],
    onError: (error) => {
      throw error;
    },
  });
});

afterEach(async () => {
  for (const reader of readers) reader.leave();
  publisher.stop();
  await server.close();
});

/** A follower on a connection of its own, that reads only while it is awake. */
class Reader {
  readonly table = new FollowerTable();
  isCut = false;
  snapshotPages = 0;
  readonly #call: ClientRequest;
  readonly #decoder = new RecordDecoder();
  #answer: IncomingMessage | undefined;

  constructor(machine: string, { isAwake }: { readonly isAwake: boolean }) {
    const path = discoveryPaths.stream;
    const to = { host: "127.0.0.1", port: server.port, path, method: "POST", agent: false };
    this.#call = request({ ...to, headers: { machine } });
    this.#call.on("error", () => undefined);
    this.#call.on("response", (answer) => {
      this.#answer = answer;
      answer.on("error", () => undefined);
      answer.on("close", () => (this.isCut = true));
      if (isAwake) this.wake();
    });
    this.#call.end();
    readers.push(this);
  }

  get sequence(): number {
    return this.table.version?.sequence ?? -1;
  }

  wake(): void {
    this.#answer?.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  leave(): void {
    this.#call.destroy();
  }

  #take(bytes: Buffer): void {
    const records = this.#decoder.push(bytes);
    if (!records.ok) throw new Error(records.error.message);
    for (const one of records.value) {
      const record = JSON.parse(new TextDecoder().decode(one)) as DiscoveryRecord;
      if (record.type === "snapshot") this.snapshotPages += 1;
      const outcome = this.table.take(record);
      if (outcome.type === "broken") throw new Error(outcome.reason);
    }
  }
}

/** One reader that reads all the time, and many that have fallen asleep before they read anything. */
async function audience(): Promise<{ readonly awake: Reader; readonly asleep: readonly Reader[] }> {
  const awake = new Reader("awake", { isAwake: true });
  const asleep = Array.from(
    { length: sleeperCount },
    (_, number) => new Reader(`asleep-${number}`, { isAwake: false }),
  );
  await until("all follow", () => publisher.counts.followers === sleeperCount + 1);
  return { awake, asleep };
}

/** Publishes so many changes, one after another, each as soon as `awake` has the one before. */
async function publish(changeCount: number, awake: Reader): Promise<void> {
  for (let count = 0; count < changeCount; count += 1) {
    sequence += 1;
    const fact: AgentFact = {
      ...{ kind: "agent", id: `S${sequence % factCount}`, address: "10.0.0.1", port: 5051 },
      hostname: `${sequence}${"x".repeat(hostnameUnits)}`,
    };
    publisher.publish({ epoch: 1, sequence }, { remove: [], put: [fact] }, []);
    time.run(time.nowMs() + limits.flushIntervalMs);
    await until("the change", () => awake.sequence === sequence);
  }
}

/** Lets so many heartbeats be sent. */
async function beats(count: number): Promise<void> {
  for (let beat = 0; beat < count; beat += 1) {
    time.run(time.nowMs() + limits.heartbeatMs);
    await rest();
  }
}

/** Lets simulated time go by until something is so. */
async function passUntil(what: string, probe: () => boolean): Promise<void> {
  await until(what, () => {
    time.run(time.nowMs() + 1);
    return probe();
  });
}

test("[DSC37] what waits for those who do not read is bounded for all together, and who reads notices nothing", async () => {
  const { awake, asleep } = await audience();
  await publish(500, awake);
  const { late, followers, waitingBytes, changeBytes, cut } = publisher.counts;
  expect({ late, followers, cut }).toEqual({
    late: sleeperCount,
    followers: sleeperCount + 1,
    cut: 0,
  });
  expect(changeBytes).toBeLessThanOrEqual(limits.ringBytesMax);
  // Of that nothing is there for one alone: all of it lies in the log or in a snapshot.
  const ofOne = limits.followerWaitingBytesMax + limits.ringBlockBytes + hostnameUnits;
  expect(waitingBytes).toBeLessThanOrEqual(sleeperCount * ofOne);
  expect(awake.snapshotPages).toBe(1);
  for (const reader of asleep) reader.wake();
  await passUntil("all have it", () => asleep.every((reader) => reader.sequence === sequence));
  for (const { table } of asleep) expect(table.facts).toEqual(awake.table.facts);
  expect(publisher.counts.overtaken).toBe(sleeperCount);
  await publish(2, awake);
  await until("all have that", () => asleep.every((reader) => reader.sequence === sequence));
});

test("[DSC37] who takes nothing for 15 s is cut, and nobody else; with nothing to take nobody is", async () => {
  const { awake, asleep } = await audience();
  await beats(12);
  expect(publisher.counts).toMatchObject({ followers: sleeperCount + 1, cut: 0 });
  await publish(100, awake);
  await beats(limits.followerStuckBeats + 1);
  await until("they are gone", () => publisher.counts.followers === 1);
  expect(publisher.counts).toMatchObject({ cut: sleeperCount, waitingBytes: 0 });
  // What was on its way comes, and then the end.
  for (const reader of asleep) reader.wake();
  await until("they know it", () => asleep.every((reader) => reader.isCut));
  const [first] = asleep;
  const again = new Reader("again", { isAwake: true });
  await passUntil("one is back", () => again.sequence === sequence);
  expect(first?.sequence).toBeLessThan(sequence);
  expect(again.table.facts).toEqual(awake.table.facts);
});

/** Publishes so many facts in one change that it is told as a new table. */
function publishTable(): void {
  sequence += 1;
  const put = Array.from({ length: limits.changeFactsMax + 1 }, (_, number): AgentFact => {
    return { kind: "agent", id: `S${number}`, address: "10.0.0.1", port: 5051, hostname: "h" };
  });
  publisher.publish({ epoch: 1, sequence }, { remove: [], put }, []);
}

test("[DSC37] who waits for the first page of a table is not cut when newer ones come, and is sent the newest", async () => {
  publishTable();
  const following = async (count: number): Promise<readonly Reader[]> => {
    const { followers, cut } = publisher.counts;
    const before = followers + cut;
    const come = Array.from({ length: count }, (_, number) => {
      return new Reader(`${before + number}`, { isAwake: true });
    });
    await until("they follow", () => {
      return publisher.counts.followers + publisher.counts.cut === before + count;
    });
    return come;
  };
  const first = await following(limits.pagingAtOnceMax);
  const waiting = [...(await following(3))];
  publishTable();
  waiting.push(...(await following(1)));
  publishTable();
  waiting.push(...(await following(1)));
  await until("those with pages are cut", () => first.every((reader) => reader.isCut));
  expect(publisher.counts).toMatchObject({ followers: waiting.length, cut: first.length });
  await passUntil("all have it", () => waiting.every((reader) => reader.sequence === sequence));
  expect(waiting.map((reader) => reader.isCut)).toEqual(waiting.map(() => false));
});
