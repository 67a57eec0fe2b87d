import { describe, expect, test } from "vitest";
import { createCancellation } from "@tutti/base";
import type { Leadership } from "@tutti/coordination/core";
import {
  coordinationContract,
  ensembleName,
  openSimulatedCoordination,
  sessionContract,
  SimulatedEnsemble,
  SimulatedNetwork,
  SimulatedWorld,
} from "./index.ts";
import type { ContractWorld, SessionWorld } from "./index.ts";

const NEVER = createCancellation().cancellation;
const value = new Uint8Array(1);

function cluster(seed: number) {
  const world = new SimulatedWorld({ seed });
  const network = new SimulatedNetwork(world);
  const ensemble = new SimulatedEnsemble();
  const open = (name: string) => {
    const node = world.nodes().find((known) => known.name === name) ?? world.addNode(name);
    return openSimulatedCoordination({ world, network, ensemble, node });
  };
  /** Lets promises go on, then one event happen, until `condition` holds. */
  const until = async (condition: () => boolean): Promise<void> => {
    for (let event = 0; event < 100_000; event += 1) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      if (condition()) return;
      world.step();
    }
    throw new Error("it did not come to pass");
  };
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await until(() => isSettled);
    return promise;
  };
  const quiet = async (): Promise<void> => {
    const untilMs = world.nowMs() + 1000;
    await until(() => world.nowMs() >= untilMs);
  };
  return { world, network, open, until, settled, quiet };
}

describe("the simulated side", () => {
  test.each(coordinationContract)("$title", async ({ run }) => {
    const { open, until, settled, quiet } = cluster(1);
    const contractWorld: ContractWorld = { a: open("a"), b: open("b"), until, settled, quiet };
    await run(contractWorld);
  });
});

test.each(["crash", "pause", "isolate"] as const)(
  "[COO19] a leader that is lost by %s is succeeded after its session, and fenced when it comes back",
  async (fault) => {
    const { world, network, open, until, settled } = cluster(2);
    const [a, b] = [open("a"), open("b")];
    const old = await settled(a.elect("e", value, NEVER));
    let next: Leadership | undefined;
    const candidacy = b.elect("e", value, NEVER).then((leadership) => (next = leadership));
    const node = world.node("a");
    if (fault === "crash") node.crash();
    else if (fault === "pause") node.pause();
    else network.partition([["a"], [ensembleName, "b"]]);
    const lostMs = world.nowMs();
    await until(() => next !== undefined);
    await candidacy;
    expect(world.nowMs() - lostMs).toBeGreaterThan(5000);
    expect(world.nowMs() - lostMs).toBeLessThan(15_000);
    // [COO20] Who is cut off knows it before anybody else leads; who stands still cannot.
    expect(old.lost.aborted).toBe(fault === "isolate");
    if (fault === "crash") {
      node.restart();
      const again = open("a");
      expect(
        await settled(again.write("e", old.epoch, [{ type: "put", path: "x", value }])),
      ).toMatchObject({ type: "fenced" });
      return;
    }
    const late = a.write("e", old.epoch, [{ type: "put", path: "x", value }]);
    node.resume();
    network.heal();
    expect(await settled(late)).toEqual({ type: "fenced", currentEpoch: next?.epoch });
    await until(() => old.lost.aborted);
  },
);

describe("its sessions", () => {
  test.each(sessionContract)("$title", async ({ run }) => {
    const { world, network, open, until } = cluster(4);
    const handles = { a: open("a"), b: open("b") };
    const sessions: SessionWorld = {
      timeoutMs: 10_000,
      nowMs: () => world.nowMs(),
      stand: (name) => {
        let leadership: Leadership | undefined;
        void handles[name].elect("e", value, NEVER).then((won) => (leadership = won));
        return {
          isLeading: () => leadership !== undefined,
          isLost: () => leadership?.lost.aborted === true,
        };
      },
      cut: (direction) => {
        for (const other of ["b", ensembleName]) {
          if (direction !== "in") network.cut("a", other);
          if (direction !== "out") network.cut(other, "a");
        }
      },
      mend: () => network.heal(),
      pause: () => world.node("a").pause(),
      resume: (first) => world.node("a").resume(first),
      until,
    };
    await run(sessions);
  });
});

test("[COO19] a session that comes back may stand again", async () => {
  const { world, open, until, settled } = cluster(3);
  const a = open("a");
  const first = await settled(a.elect("e", value, NEVER));
  world.node("a").pause();
  world.run(world.nowMs() + 30_000);
  world.node("a").resume();
  await until(() => first.lost.aborted);
  const second = await settled(a.elect("e", value, NEVER));
  expect(second.epoch).toBeGreaterThan(first.epoch);
  expect(second.lost.aborted).toBe(false);
});
