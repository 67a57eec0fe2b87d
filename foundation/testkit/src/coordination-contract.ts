import { assert, createCancellation, Fault, utf8Decode, utf8Encode } from "@tutti/base";
import { limits } from "@tutti/coordination/core";
import type { Coordination, Leadership } from "@tutti/coordination/core";

/** Two handles on one store, as two processes would hold them, freshly made for one case. */
export interface ContractWorld {
  readonly a: Coordination;
  readonly b: Coordination;
  /** Awaits a promise while the world goes on; on a real side just the promise. */
  settled<T>(promise: Promise<T>): Promise<T>;
  /** Lets the world go on until `condition` holds, and fails when it does not within a bound. */
  until(condition: () => boolean): Promise<void>;
  /** Lets more time pass than any notification takes. */
  quiet(): Promise<void>;
}

/** One rule of coordination, with the behaviour that every side must show. */
export interface ContractCase {
  /** Begins with the rule's ID in brackets. */
  readonly title: string;
  run(world: ContractWorld): Promise<void>;
}

/** A cancellation that nobody triggers. */
const NEVER = createCancellation().cancellation;
const bytes = utf8Encode;

function put(path: string, value: string, expectedVersion?: number) {
  const write = { type: "put", path, value: bytes(value) } as const;
  return expectedVersion === undefined ? write : { ...write, expectedVersion };
}

function same(actual: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(left === right, `expected ${right}, got ${left}`);
}

function lead(world: ContractWorld, name = "e"): Promise<Leadership> {
  return world.settled(world.a.elect(name, bytes("a"), NEVER));
}

async function textOf(
  handle: Coordination,
  path: string,
  world: ContractWorld,
): Promise<string | undefined> {
  const record = await world.settled(handle.read(path));
  return record === undefined ? undefined : `${utf8Decode(record.value)}@${record.version}`;
}

async function codeOf(promise: Promise<unknown>, world: ContractWorld): Promise<string> {
  try {
    await world.settled(promise);
    return "no fault";
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}

/** What every side of `Coordination` must do. The rules stand in `docs/spec/coordination.md`. */
export const coordinationContract: readonly ContractCase[] = [
  {
    title: "[COO1] a won election has an epoch and is known on every handle",
    async run(world) {
      same(await world.settled(world.b.leader("e")), undefined);
      const { epoch, lost } = await lead(world);
      assert(epoch >= 1 && !lost.aborted, "an epoch is at least 1 and is not lost when won");
      for (const handle of [world.a, world.b]) {
        const leader = await world.settled(handle.leader("e"));
        same([leader?.epoch, utf8Decode(leader?.announcement ?? bytes("none"))], [epoch, "a"]);
      }
    },
  },
  {
    title: "[COO2] one leads; the next waits until it resigns and leads with a higher epoch",
    async run(world) {
      const first = await lead(world);
      let second: Leadership | undefined;
      const waiting = world.b
        .elect("e", bytes("b"), NEVER)
        .then((leadership) => (second = leadership));
      await world.quiet();
      assert(second === undefined, "two lead at once");
      await world.settled(first.resign());
      assert(first.lost.aborted, "who resigned does not know that it lost");
      const next = await world.settled(waiting);
      assert(next.epoch > first.epoch, "the epoch did not grow");
      const leader = await world.settled(world.a.leader("e"));
      same([leader?.epoch, utf8Decode(leader?.announcement ?? bytes(""))], [next.epoch, "b"]);
    },
  },
  {
    title: "[COO2] two handles that stand at once never lead at once",
    async run(world) {
      let leading = 0;
      const epochs: number[] = [];
      const stand = async (handle: Coordination): Promise<void> => {
        for (let round = 0; round < 3; round += 1) {
          const leadership = await handle.elect("e", bytes("x"), NEVER);
          leading += 1;
          assert(leading === 1, "two lead at once");
          epochs.push(leadership.epoch);
          leading -= 1;
          await leadership.resign();
        }
      };
      await world.settled(Promise.all([stand(world.a), stand(world.b)]));
      same(epochs.length, 6);
      same(
        epochs,
        epochs.toSorted((left, right) => left - right),
      );
      same(new Set(epochs).size, 6);
    },
  },
  {
    title: "[COO3] a withdrawn candidacy is the fault ABORTED and never leads",
    async run(world) {
      const first = await lead(world);
      const withdrawal = createCancellation();
      const candidacy = codeOf(world.b.elect("e", bytes("b"), withdrawal.cancellation), world);
      await world.quiet();
      withdrawal.cancel();
      same(await candidacy, "ABORTED");
      same(await codeOf(world.b.elect("e", bytes("b"), withdrawal.cancellation), world), "ABORTED");
      await world.settled(first.resign());
      await world.quiet();
      same(await world.settled(world.a.leader("e")), undefined);
    },
  },
  {
    title: "[COO4] elections of different names do not touch one another",
    async run(world) {
      const one = await lead(world, "one");
      const two = await world.settled(world.b.elect("two", bytes("b"), NEVER));
      same(await world.settled(world.a.write("one", one.epoch, [put("p/1", "1")])), {
        type: "written",
      });
      same(await world.settled(world.b.write("two", two.epoch, [put("p/2", "2")])), {
        type: "written",
      });
      await world.settled(one.resign());
      same(await world.settled(world.b.write("two", two.epoch, [put("p/2", "3")])), {
        type: "written",
      });
    },
  },
  {
    title: "[COO5] a written record is read on every handle, and its version grows by one",
    async run(world) {
      const { epoch } = await lead(world);
      for (let version = 1; version <= 3; version += 1) {
        same(await world.settled(world.a.write("e", epoch, [put("apps/web", `v${version}`)])), {
          type: "written",
        });
        for (const handle of [world.a, world.b]) {
          same(await textOf(handle, "apps/web", world), `v${version}@${version}`);
        }
      }
      same(await textOf(world.b, "apps/none", world), undefined);
    },
  },
  {
    title: "[COO6] a list has the records under its prefix, ordered by path",
    async run(world) {
      const { epoch } = await lead(world);
      const paths = ["b/2", "a/1", "b/10", "b", "bc/1", "b/~", "b/!", "B/1"];
      await world.settled(
        world.a.write(
          "e",
          epoch,
          paths.map((path) => put(path, path)),
        ),
      );
      const list = async (prefix: string) =>
        (await world.settled(world.b.list(prefix))).map(({ path }) => path);
      same(await list("b/"), ["b/!", "b/10", "b/2", "b/~"]);
      same(await list(""), ["B/1", "a/1", "b", "b/!", "b/10", "b/2", "b/~", "bc/1"]);
      same(await list("none/"), []);
    },
  },
  {
    title: "[COO7] a conflict names path and version, and nothing of its multi-write is applied",
    async run(world) {
      const { epoch } = await lead(world);
      await world.settled(world.a.write("e", epoch, [put("x", "1"), put("y", "1"), put("y", "2")]));
      same(await textOf(world.a, "y", world), "2@2");
      const attempt = (expectedVersion: number, path = "y") =>
        world.settled(
          world.a.write("e", epoch, [
            put("x", "9"),
            put(path, "9", expectedVersion),
            put("z", "9"),
          ]),
        );
      same(await attempt(1), { type: "conflict", path: "y", actualVersion: 2 });
      same(await attempt(0), { type: "conflict", path: "y", actualVersion: 2 });
      same(await attempt(1, "w"), { type: "conflict", path: "w", actualVersion: 0 });
      same(
        [await textOf(world.b, "x", world), await textOf(world.b, "z", world)],
        ["1@1", undefined],
      );
      same(await attempt(2), { type: "written" });
      same(await textOf(world.b, "y", world), "9@3");
    },
  },
  {
    title: "[COO8] a removed record is gone, and begins at version 1 when it is made again",
    async run(world) {
      const { epoch } = await lead(world);
      const write = (...writes: Parameters<Coordination["write"]>[2]) =>
        world.settled(world.a.write("e", epoch, writes));
      await write(put("x", "1"), put("x", "2"));
      same(await write({ type: "delete", path: "x", expectedVersion: 1 }), {
        type: "conflict",
        path: "x",
        actualVersion: 2,
      });
      same(await write({ type: "delete", path: "x", expectedVersion: 2 }), { type: "written" });
      same(await textOf(world.b, "x", world), undefined);
      same(await write({ type: "delete", path: "x" }), { type: "written" });
      same(await write({ type: "delete", path: "x", expectedVersion: 1 }), {
        type: "conflict",
        path: "x",
        actualVersion: 0,
      });
      same(await write(put("x", "3", 0)), { type: "written" });
      same(await textOf(world.b, "x", world), "3@1");
      same(await write({ type: "delete", path: "x" }, put("x", "4", 0)), { type: "written" });
      same(await textOf(world.b, "x", world), "4@1");
    },
  },
  {
    title: "[COO9] a write under an epoch that is not the newest is fenced and applies nothing",
    async run(world) {
      same(await world.settled(world.a.write("e", 1, [put("x", "0")])), {
        type: "fenced",
        currentEpoch: 0,
      });
      const old = await lead(world);
      await world.settled(world.a.write("e", old.epoch, [put("x", "old")]));
      await world.settled(old.resign());
      const resigned = await world.settled(world.a.write("e", old.epoch, [put("x", "late")]));
      same(resigned.type, "fenced");
      const next = await world.settled(world.b.elect("e", bytes("b"), NEVER));
      const late = await world.settled(world.a.write("e", old.epoch, [put("x", "late")]));
      same(late, { type: "fenced", currentEpoch: next.epoch });
      const early = await world.settled(world.b.write("e", next.epoch + 1, [put("x", "early")]));
      same(early, { type: "fenced", currentEpoch: next.epoch });
      same(await textOf(world.b, "x", world), "old@1");
    },
  },
  {
    title: "[COO10] of many writes at once each is applied whole and once",
    async run(world) {
      const { epoch } = await lead(world);
      let written = 0;
      const increment = async (): Promise<void> => {
        for (;;) {
          const record = await world.a.read("counter");
          const outcome = await world.a.write("e", epoch, [
            put("counter", "n", record?.version ?? 0),
            put(`log/${(record?.version ?? 0) + 1}`, "n", 0),
          ]);
          if (outcome.type === "written") {
            written += 1;
            return;
          }
          same(outcome.type, "conflict");
        }
      };
      await world.settled(Promise.all(Array.from({ length: 16 }, increment)));
      same(written, 16);
      same(await textOf(world.b, "counter", world), "n@16");
      same((await world.settled(world.b.list("log/"))).length, 16);
    },
  },
  {
    title:
      "[COO11] a watch tells of commits under its prefix, on every handle, until it is stopped",
    async run(world) {
      const { epoch } = await lead(world);
      const told = new Map<string, Set<string>>();
      const watch = (name: string, handle: Coordination) => {
        const paths = new Set<string>();
        told.set(name, paths);
        return handle.watch("apps/", (changed) => {
          for (const path of changed) paths.add(path);
        });
      };
      const stops = [watch("a", world.a), watch("b", world.b)];
      const stopped = watch("stopped", world.b);
      stopped();
      await world.settled(world.a.write("e", epoch, [put("apps/1", "x"), put("jobs/1", "x")]));
      await world.settled(
        world.a.write("e", epoch, [put("apps/2", "x"), { type: "delete", path: "apps/1" }]),
      );
      await world.until(() => [told.get("a"), told.get("b")].every((paths) => paths?.size === 2));
      same([...(told.get("b") ?? [])].toSorted(), ["apps/1", "apps/2"]);
      for (const stop of stops) stop();
      await world.settled(world.a.write("e", epoch, [put("apps/3", "x")]));
      await world.settled(world.a.write("e", epoch, [put("apps/1", "x", 1)]));
      await world.quiet();
      same(
        [told.get("a")?.has("apps/3"), told.get("b")?.has("apps/3"), told.get("stopped")?.size],
        [false, false, 0],
      );
    },
  },
  {
    title: "[COO12] what is outside the limits is a fault with a code, and nothing is applied",
    async run(world) {
      const { epoch } = await lead(world);
      const large = (size: number) =>
        ({ type: "put", path: "x", value: new Uint8Array(size) }) as const;
      const write = (...writes: Parameters<Coordination["write"]>[2]) =>
        codeOf(world.a.write("e", epoch, writes), world);
      same(await write(large(limits.recordBytesMax)), "no fault");
      same(await write(large(limits.recordBytesMax + 1)), "RECORD_TOO_LARGE");
      same(
        await write(...Array.from({ length: 6 }, () => large(limits.recordBytesMax - 1))),
        "MULTI_TOO_LARGE",
      );
      same(
        await write(...Array.from({ length: limits.multiWritesMax + 1 }, () => large(0))),
        "MULTI_TOO_LARGE",
      );
      for (const path of [
        "",
        "/x",
        "x/",
        "a//b",
        "a b",
        "ü",
        "a\n",
        "x".repeat(limits.pathUnitsMax + 1),
      ]) {
        same(await write(put(path, "v")), "BAD_PATH");
      }
      for (const name of ["", "a/b", "a.b", "ü"]) {
        same(await codeOf(world.a.elect(name, bytes(""), NEVER), world), "BAD_NAME");
      }
      same((await world.settled(world.b.list(""))).length, 1);
    },
  },
  {
    title: "[COO13] a closed handle leads no more, refuses calls, and its successor leads at once",
    async run(world) {
      const first = await lead(world);
      const successor = world.b.elect("e", bytes("b"), NEVER);
      await world.settled(world.a.close());
      assert(first.lost.aborted, "closing did not end the leadership");
      const next = await world.settled(successor);
      assert(next.epoch > first.epoch, "the epoch did not grow");
      same(await codeOf(world.a.read("x"), world), "CLOSED");
      same(await codeOf(world.a.write("e", first.epoch, [put("x", "1")]), world), "CLOSED");
      await world.settled(world.a.close());
    },
  },
];
