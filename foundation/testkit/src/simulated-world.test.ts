import fc from "fast-check";
import { expect, test } from "vitest";
import { createMachineLoop } from "@tutti/machine";
import type { Machine } from "@tutti/machine";
import { createSeededRandom, SimulatedDisk, SimulatedWorld } from "./index.ts";

test("the same seed gives the same chance, another seed or fork another", () => {
  const draw = (seed: number | string, fork?: string) => {
    const root = createSeededRandom(seed);
    const random = fork === undefined ? root : root.fork(fork);
    return [random.uuid(), ...Array.from({ length: 5 }, () => random.below(1000))];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7, "a")).not.toEqual(draw(7, "b"));
  expect(draw(7)).toEqual([
    expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u),
    ...draw(7).slice(1),
  ]);
});

test("chance is even enough: every tenth of the range gets a tenth", () => {
  const random = createSeededRandom("even");
  const counts = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 100_000; draw += 1) counts[random.below(10)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test("events happen in order of time, and those of one time in the order they were planned", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 50 }), (delays) => {
      const world = new SimulatedWorld({ seed: 1 });
      const seen: [number, number][] = [];
      for (const [index, delay] of delays.entries())
        world.after(delay, () => seen.push([world.nowMs(), index]));
      world.run(10);
      const expected = delays.map((delay, index): [number, number] => [delay, index]);
      expect(seen).toEqual(expected.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
      expect(world.nowMs()).toBe(10);
    }),
  );
});

test("a cancelled event does not happen, and an event may plan and cancel others of its time", () => {
  const world = new SimulatedWorld({ seed: 1 });
  const seen: string[] = [];
  const cancel: (() => void)[] = [];
  world.after(1, () => {
    seen.push("a");
    cancel[0]?.();
    world.after(0, () => seen.push("c"));
  });
  cancel.push(world.after(1, () => seen.push("b")));
  expect(world.runUntil(() => seen.includes("c"), 5)).toBe(true);
  expect([seen, world.nowMs()]).toEqual([["a", "c"], 1]);
  expect(world.runUntil(() => false, 5)).toBe(false);
  expect(world.nowMs()).toBe(5);
});

test("clocks of a node run at their own rate and offset, and only the wall clock jumps", () => {
  const world = new SimulatedWorld({ seed: 1, wallMs: 1_000_000 });
  const node = world.addNode("n", { rate: 2, wallOffsetMs: 500 });
  const bootMs = node.clock.monoMs();
  const fired: number[] = [];
  node.clock.after(100, () => fired.push(world.nowMs()));
  world.run(1000);
  expect(fired).toEqual([50]);
  expect([node.clock.monoMs() - bootMs, node.clock.wallMs()]).toEqual([2000, 1_002_500]);
  node.jumpWall(-10_000);
  expect([node.clock.monoMs() - bootMs, node.clock.wallMs()]).toEqual([2000, 992_500]);
});

test("a crash drops timers, deliveries and the loop; a pause keeps them for later", () => {
  const world = new SimulatedWorld({ seed: 1 });
  const node = world.addNode("n");
  const seen: string[] = [];
  node.after(10, () => seen.push("timer"));
  node.pause();
  node.deliver(() => seen.push("message"));
  world.run(20);
  expect(seen).toEqual([]);
  node.resume("timers");
  expect(seen).toEqual(["timer", "message"]);
  node.after(10, () => seen.push("dead timer"));
  node.onCrash(() => seen.push("stopped"));
  node.crash();
  node.deliver(() => seen.push("dead message"));
  node.after(1, () => seen.push("dead plan"));
  node.restart();
  node.after(5, () => seen.push("new life"));
  world.run(50);
  expect(seen).toEqual(["timer", "message", "stopped", "new life"]);
  expect(node.life).toBe(1);
});

test("a process that goes on finds its timers or its sockets first, and a seed repeats which", () => {
  const orderOf = (seed: number, first?: "timers" | "sockets"): string => {
    const world = new SimulatedWorld({ seed });
    const node = world.addNode("n");
    const seen: string[] = [];
    for (const at of [1, 2]) node.after(at, () => seen.push(`t${at}`));
    node.pause();
    for (const at of [1, 2]) node.deliver(() => seen.push(`s${at}`));
    world.run(10);
    node.resume(first);
    return seen.join(" ");
  };
  expect(orderOf(1, "timers")).toBe("t1 t2 s1 s2");
  expect(orderOf(1, "sockets")).toBe("s1 s2 t1 t2");
  const orders = Array.from({ length: 20 }, (_, seed) => orderOf(seed));
  expect(Array.from({ length: 20 }, (_, seed) => orderOf(seed))).toEqual(orders);
  expect(new Set(orders).size).toBe(2);
});

interface Counted {
  readonly count: number;
}

/** Counts what it is sent, and announces each count when it is durable. */
function counter(): Machine<"add" | "wake", Counted, Counted, readonly Counted[]> {
  let count = 0;
  const ready = () => ({ persist: [{ count }], afterPersist: [{ count }] });
  return {
    step(event) {
      if (event === "wake") return { persist: [], afterPersist: [] };
      count += 1;
      return ready();
    },
    recover(durable) {
      count = durable.at(-1)?.count ?? 0;
      return { persist: [], afterPersist: [{ count }] };
    },
  };
}

test("[MCH3] a machine on a simulated disk never announces what a crash can take back", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.constantFrom("add", "crash", "wait"), { maxLength: 60 }),
      (seed, actions) => {
        const world = new SimulatedWorld({ seed });
        const node = world.addNode("n");
        const disk = new SimulatedDisk<Counted>(world, node);
        let announced = 0;
        const begin = () => {
          const loop = createMachineLoop(counter(), {
            clock: node.clock,
            random: node.random,
            persist: (entries, done) => disk.persist(entries, done),
            perform: (effect: Counted) => (announced = Math.max(announced, effect.count)),
            wake: "wake" as const,
            fatal: (error) => {
              throw error;
            },
          });
          loop.start(disk.entries());
          node.onCrash(() => loop.stop());
          return loop;
        };
        let loop = begin();
        for (const action of actions) {
          if (action === "add") loop.post("add");
          else if (action === "wait") world.run(world.nowMs() + 1.5);
          else {
            node.crash();
            node.restart();
            expect(disk.entries().at(-1)?.count ?? 0).toBeGreaterThanOrEqual(announced);
            loop = begin();
          }
        }
        world.run(world.nowMs() + 10_000);
        expect(disk.entries().at(-1)?.count ?? 0).toBe(announced);
        expect(disk.entries().map(({ count }) => count)).toEqual(
          disk.entries().map((_, index) => index + 1),
        );
      },
    ),
  );
});

test("a crash leaves of the write in flight all, nothing or, on a plain file, a beginning", () => {
  const left = new Set<string>();
  for (let seed = 0; seed < 60; seed += 1) {
    const world = new SimulatedWorld({ seed });
    const node = world.addNode("n");
    const disk = new SimulatedDisk<number>(world, node);
    disk.setFaults({ torn: seed % 2 === 0 ? "atomic" : "prefix" });
    disk.persist([1, 2], () => undefined);
    disk.persist([3], () => expect.fail("told although the process is dead"));
    node.crash();
    world.run(1000);
    left.add(`${seed % 2 === 0 ? "atomic" : "prefix"} ${disk.entries().join("")}`);
  }
  for (const kept of left) {
    if (kept.startsWith("atomic"))
      expect(["", "12", "123"]).toContain(kept.slice("atomic ".length));
  }
  expect(left).toContain("prefix 1");
});

test("a disk that fails tells so, and may have kept the write or not", () => {
  const left = new Set<number>();
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = new SimulatedWorld({ seed });
    const disk = new SimulatedDisk<number>(world, world.addNode("n"));
    disk.setFaults({ failure: 1 });
    const told: string[] = [];
    disk.persist([1], (error) => told.push(error?.message ?? "done"));
    world.run(100);
    expect(told).toEqual(["the disk of n failed"]);
    left.add(disk.entries().length);
  }
  expect([...left].toSorted((one, other) => one - other)).toEqual([0, 1]);
});

test("a process dies in its next write, and never learns what is left of it", () => {
  const left = new Set<number>();
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = new SimulatedWorld({ seed });
    const node = world.addNode("n");
    const disk = new SimulatedDisk<number>(world, node);
    const told: string[] = [];
    disk.dieInNextWrite(() => node.crash());
    disk.persist([1, 2], () => told.push("done"));
    world.run(100);
    expect([told, node.state]).toEqual([[], "down"]);
    left.add(disk.entries().length);
  }
  expect([...left].toSorted((one, other) => one - other)).toEqual([0, 2]);
});
