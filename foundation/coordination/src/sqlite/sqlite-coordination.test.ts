import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { createCancellation, Fault } from "@tutti/base";
import { coordinationContract } from "@tutti/testkit";
import type { ContractWorld } from "@tutti/testkit";
import { openSqliteCoordination } from "../index.ts";
import type { Coordination } from "../index.ts";
import { limits } from "./limits.ts";
import { openInOtherProcess } from "./remote-coordination.property.ts";
import type { RemoteCoordination } from "./remote-coordination.property.ts";

const DEADLINE_MS = 60_000;
const NEVER = createCancellation().cancellation;
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function newFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "coordination-"));
  cleanUps.push(() => rm(directory, { recursive: true }));
  return join(directory, "state.db");
}

function open(file: string): Coordination {
  const handle = openSqliteCoordination({ file });
  cleanUps.push(() => handle.close());
  return handle;
}

async function openRemote(file: string): Promise<RemoteCoordination> {
  const remote = await openInOtherProcess(file);
  cleanUps.push(async () => {
    remote.child.kill("SIGKILL");
  });
  return remote;
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error("it did not come to pass");
    await sleep(5);
  }
}

function worldOf(a: Coordination, b: Coordination): ContractWorld {
  return {
    a,
    b,
    settled: (promise) => promise,
    until,
    quiet: () => sleep(2 * Math.max(limits.electionPollMs, limits.watchPollMs)),
  };
}

describe("two handles of one process", () => {
  test.each(coordinationContract)("$title", async ({ run }) => {
    const file = await newFile();
    await run(worldOf(open(file), open(file)));
  });
});

describe("two processes", () => {
  test.each(coordinationContract)("$title", async ({ run }) => {
    const file = await newFile();
    await run(worldOf(await openRemote(file), open(file)));
  });
});

const value = new Uint8Array(64);

test("[COO14] a leader that is killed is succeeded at once, what it was told is written survives, and its epoch is fenced", async () => {
  const file = await newFile();
  const successor = open(file);
  let oldEpoch = 0;
  const successionMs: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const leader = await openRemote(file);
    const { epoch } = await leader.elect("e", value, NEVER);
    expect(epoch).toBeGreaterThan(oldEpoch);
    let acknowledged = 0;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; ; count += 1) {
        const path = `r${round}/w${writer}`;
        const outcome = await leader.write("e", epoch, [
          { type: "put", path: `${path}/${count}`, value, expectedVersion: 0 },
          { type: "put", path, value: Uint8Array.of(count >> 8, count & 0xff) },
        ]);
        expect(outcome.type).toBe("written");
        acknowledged += 1;
        lastOf.set(path, count);
      }
    });
    const lastOf = new Map<string, number>();
    await until(() => acknowledged > 40 + round * 30);
    const candidacy = successor.elect("e", value, NEVER);
    const killedMs = performance.now();
    leader.child.kill("SIGKILL");
    await Promise.allSettled(writers);
    const next = await candidacy;
    successionMs.push(performance.now() - killedMs);
    expect(next.epoch).toBeGreaterThan(epoch);
    expect(await successor.write("e", epoch, [])).toEqual({
      type: "fenced",
      currentEpoch: next.epoch,
    });
    for (const [path, last] of lastOf) {
      const records = await successor.list(`${path}/`);
      // Written whole and in order: all that was acknowledged, and at most the one in flight.
      expect(records.length === last + 1 || records.length === last + 2).toBe(true);
      const counter = (await successor.read(path))?.value ?? value;
      expect(((counter[0] ?? 0) << 8) | (counter[1] ?? 0)).toBe(records.length - 1);
    }
    oldEpoch = next.epoch;
    await next.resign();
  }
  // A machine with other work may be late in some rounds; a lock that had to run out would be late in each.
  expect(Math.min(...successionMs)).toBeLessThan(2000);
});

test("[COO15] epochs and records outlive the processes that made them", async () => {
  const file = await newFile();
  const first = openSqliteCoordination({ file });
  const { epoch } = await first.elect("e", value, NEVER);
  await first.write("e", epoch, [{ type: "put", path: "x", value }]);
  await first.close();
  const second = open(file);
  expect(await second.leader("e")).toBeUndefined();
  expect(await second.read("x")).toEqual({ path: "x", value, version: 1 });
  expect((await second.elect("e", value, NEVER)).epoch).toBeGreaterThan(epoch);
});

test("[COO16] a watcher in another process that missed more changes than are kept is told every path", async () => {
  const file = await newFile();
  const a = open(file);
  const b = open(file);
  const told = new Set<string>();
  const { epoch } = await a.elect("e", value, NEVER);
  b.watch("p/", (paths) => {
    for (const path of paths) told.add(path);
  });
  await a.write("e", epoch, [{ type: "put", path: "p/first", value }]);
  const rounds = Array.from({ length: limits.changesKept / 512 + 1 }, async (_, round) =>
    a.write(
      "e",
      epoch,
      Array.from({ length: 512 }, (_value, index) => ({
        type: "put" as const,
        path: `q/${round}-${index}`,
        value,
      })),
    ),
  );
  await Promise.all(rounds);
  await until(() => told.has("p/first"));
});

test("[COO17] a database of a newer program is refused, and stays as it is", async () => {
  const file = await newFile();
  await openSqliteCoordination({ file }).close();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 99");
  database.close();
  expect(() => openSqliteCoordination({ file })).toThrow(Fault);
  expect(() => openSqliteCoordination({ file })).toThrow("schema 99");
  expect(() => openSqliteCoordination({ file: join(file, "nowhere", "x.db") })).toThrow(Fault);
});

test("[COO18] writes at once share flushes: a group is one transaction", async () => {
  const file = await newFile();
  const a = open(file);
  const { epoch } = await a.elect("e", value, NEVER);
  const outcomes = await Promise.all(
    Array.from({ length: 500 }, (_, index) =>
      a.write("e", epoch, [{ type: "put", path: `p/${index}`, value }]),
    ),
  );
  expect(outcomes.every(({ type }) => type === "written")).toBe(true);
  const before = (await a.list("p/")).length;
  const pending = a.write("e", epoch, [{ type: "put", path: "p/late", value }]);
  await Promise.resolve();
  // A read that comes while a group is being flushed sees it only when it is durable.
  const seen = a.list("p/").then((records) => records.length);
  await pending;
  expect([before, await seen]).toEqual([500, 501]);
});
