import fc from "fast-check";
import { expect, test } from "vitest";
import type { Clock, Random } from "@tutti/ports";
import { createMachineLoop, limits } from "./index.ts";
import type { Machine, MachineLoop, Ready } from "./index.ts";

/** A clock that moves only when told; timers fire in order of time, then of arming. */
class HandClock implements Clock {
  now = 0;
  armed = 0;
  #timers: { at: number; order: number; fire: () => void }[] = [];

  monoMs(): number {
    return this.now;
  }
  wallMs(): number {
    return 1_000_000 + this.now;
  }
  after(delayMs: number, fire: () => void): () => void {
    this.armed += 1;
    const timer = { at: this.now + delayMs, order: this.armed, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  get pending(): number {
    return this.#timers.length;
  }
  advance(toMs: number): void {
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= toMs);
      const first = due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (first === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== first);
      this.now = Math.max(this.now, first.at);
      first.fire();
    }
    this.now = Math.max(this.now, toMs);
  }
}

const RANDOM: Random = { next: () => 0, below: () => 0, uuid: () => "" };

type Step = (event: string) => Partial<Ready<string, string>>;

interface Rig {
  readonly loop: MachineLoop<string, string>;
  readonly clock: HandClock;
  readonly trace: string[];
  /** Answers the persist in flight. */
  settle(error?: Error): void;
  readonly inFlight: () => boolean;
}

interface RigOptions {
  readonly step: Step;
  readonly recover?: Step;
  /** "at once" answers within the call; "by hand" waits for `settle`. */
  readonly persist?: "at once" | "by hand";
  readonly perform?: (effect: string, rig: Rig) => void;
  readonly stallMs?: number;
}

function rigOf(options: RigOptions): Rig {
  const clock = new HandClock();
  const trace: string[] = [];
  let done: ((error?: Error) => void) | undefined;
  const full = (ready: Partial<Ready<string, string>>): Ready<string, string> => ({
    persist: [],
    afterPersist: [],
    ...ready,
  });
  const machine: Machine<string, string, string, string> = {
    step(event) {
      trace.push(`step ${event}`);
      return full(options.step(event));
    },
    recover(durable) {
      trace.push(`recover ${durable}`);
      return full(options.recover?.(durable) ?? {});
    },
  };
  const loop = createMachineLoop<string, string, string, string>(machine, {
    clock,
    random: RANDOM,
    persist(entries, answer) {
      trace.push(`persist ${entries.join("+")}`);
      if (options.persist === "by hand") done = answer;
      else answer();
    },
    perform(effect) {
      trace.push(`perform ${effect}`);
      options.perform?.(effect, rig);
    },
    wake: "wake",
    fatal: (error) => trace.push(`fatal ${error.message}`),
    onStall: (stalledMs) => trace.push(`stall ${stalledMs}`),
    ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
  });
  const rig: Rig = {
    loop,
    clock,
    trace,
    settle(error) {
      const answer = done;
      done = undefined;
      trace.push("durable");
      answer?.(error);
    },
    inFlight: () => done !== undefined,
  };
  return rig;
}

const writes: Step = (event) => ({ persist: [`e${event}`], afterPersist: [`f${event}`] });

test("[MCH1] effects of an event without entries are performed before post returns", () => {
  const rig = rigOf({ step: (event) => ({ afterPersist: [`f${event}`] }) });
  rig.loop.start("");
  rig.loop.post("1");
  expect(rig.trace).toEqual(["recover ", "step 1", "perform f1"]);
});

test("[MCH2] all entries of the events that waited go into one persist, effects follow in order", () => {
  const rig = rigOf({ step: writes, persist: "by hand" });
  rig.loop.start("");
  for (const event of ["1", "2", "3"]) rig.loop.post(event);
  rig.settle();
  rig.settle();
  expect(rig.trace).toEqual([
    "recover ",
    "step 1",
    "persist e1",
    "durable",
    "perform f1",
    "step 2",
    "step 3",
    "persist e2+e3",
    "durable",
    "perform f2",
    "perform f3",
  ]);
});

test("[MCH3] a read waits for what was stepped, and runs before the next batch is stepped", () => {
  const rig = rigOf({ step: writes, persist: "by hand" });
  rig.loop.start("");
  rig.loop.read(() => rig.trace.push("read a"));
  rig.loop.post("1");
  rig.loop.post("2");
  rig.loop.read(() => rig.trace.push("read b"));
  rig.settle();
  expect(rig.trace.slice(1)).toEqual([
    "read a",
    "step 1",
    "persist e1",
    "durable",
    "perform f1",
    "read b",
    "step 2",
    "persist e2",
  ]);
});

test("[MCH4] a post from within perform is stepped after the batch", () => {
  const rig = rigOf({
    step: (event) => ({ afterPersist: event === "1" ? ["x", "y"] : [] }),
    perform: (effect, { loop }) => loop.post(`from ${effect}`),
  });
  rig.loop.start("");
  rig.loop.post("1");
  expect(rig.trace.slice(1)).toEqual([
    "step 1",
    "perform x",
    "perform y",
    "step from x",
    "step from y",
  ]);
});

test("[MCH5] events posted before the start are stepped after recovery, whose entries come first", () => {
  const rig = rigOf({
    step: writes,
    recover: () => ({ persist: ["r"], afterPersist: ["g"] }),
    persist: "by hand",
  });
  rig.loop.post("1");
  rig.loop.read(() => rig.trace.push("read"));
  rig.loop.start("saved");
  rig.settle();
  expect(rig.trace).toEqual([
    "recover saved",
    "persist r",
    "durable",
    "perform g",
    "read",
    "step 1",
    "persist e1",
  ]);
});

test("[MCH6] the newest ready decides the wake-up: it replaces, and without one it cancels", () => {
  const wakeAt: Record<string, number | undefined> = { a: 100, b: 50, c: undefined, d: 80, e: 200 };
  const rig = rigOf({
    step: (event) => (wakeAt[event] === undefined ? {} : { wakeAtMonoMs: wakeAt[event] }),
  });
  rig.loop.start("");
  rig.loop.post("a");
  rig.loop.post("b");
  rig.loop.post("c");
  expect(rig.clock.pending).toBe(0);
  rig.loop.post("d");
  rig.loop.post("e");
  rig.clock.advance(199);
  expect(rig.trace).not.toContain("step wake");
  rig.clock.advance(200);
  expect(rig.trace.filter((line) => line === "step wake")).toHaveLength(1);
  expect(rig.clock.pending).toBe(0);
});

test("[MCH7] a deadline that moves later with each step costs no new timer", () => {
  const rig = rigOf({ step: (event) => ({ wakeAtMonoMs: 1000 + Number(event) }) });
  rig.loop.start("");
  for (let event = 0; event < 100; event += 1) rig.loop.post(String(event));
  expect(rig.clock.armed).toBe(1);
});

test("[MCH8] a wake-up due while a persist is in flight is stepped once, after it", () => {
  const rig = rigOf({
    step: (event) => (event === "wake" ? {} : { persist: [event], wakeAtMonoMs: 10 }),
    persist: "by hand",
  });
  rig.loop.start("");
  rig.loop.post("1");
  rig.loop.post("2");
  rig.clock.advance(30);
  rig.settle();
  rig.settle();
  rig.clock.advance(60);
  expect(rig.trace.filter((line) => line === "step wake")).toHaveLength(1);
});

test("[MCH9] a stall is told before the wake event, which lets a turn of the clock pass", () => {
  const rig = rigOf({ step: (event) => (event === "1" ? { wakeAtMonoMs: 10 } : {}), stallMs: 5 });
  rig.loop.start("");
  rig.loop.post("1");
  rig.clock.now = 100;
  rig.clock.after(0, () => rig.trace.push("sockets drained"));
  rig.clock.advance(100);
  expect(rig.trace.slice(2)).toEqual(["stall 90", "sockets drained", "step wake"]);
});

test("[MCH9] a stall is told before the first event that arrives after it", () => {
  const rig = rigOf({
    step: (event) => (event === "wake" ? {} : { wakeAtMonoMs: 10 }),
    stallMs: 5,
  });
  rig.loop.start("");
  rig.loop.post("1");
  rig.clock.now = 100;
  rig.loop.post("2");
  rig.clock.advance(100);
  expect(rig.trace.slice(2)).toEqual(["stall 90", "step 2", "step wake"]);
});

test("[MCH9] lateness within the bound is no stall", () => {
  const rig = rigOf({ step: (event) => (event === "1" ? { wakeAtMonoMs: 10 } : {}), stallMs: 5 });
  rig.loop.start("");
  rig.loop.post("1");
  rig.clock.now = 15;
  rig.clock.advance(15);
  expect(rig.trace.slice(2)).toEqual(["step wake"]);
});

test.each<{ readonly name: string; readonly options: RigOptions; readonly told: string }>([
  { name: "step", options: { step: () => fail("step broke") }, told: "fatal step broke" },
  {
    name: "perform",
    options: { step: () => ({ afterPersist: ["x", "y"] }), perform: () => fail("perform broke") },
    told: "fatal perform broke",
  },
])("[MCH10] a throw of $name ends the loop, once", ({ options, told }) => {
  const rig = rigOf(options);
  rig.loop.start("");
  rig.loop.post("1");
  rig.loop.post("2");
  expect(rig.trace.filter((line) => line.startsWith("fatal"))).toEqual([told]);
  expect(rig.trace).not.toContain("step 2");
  expect(rig.trace).not.toContain("perform y");
});

test("[MCH10] a failed persist is fatal: no effect of it is performed, no read runs", () => {
  const rig = rigOf({ step: writes, persist: "by hand" });
  rig.loop.start("");
  rig.loop.post("1");
  rig.loop.read(() => rig.trace.push("read"));
  rig.settle(new Error("disk full"));
  rig.loop.post("2");
  expect(rig.trace.slice(1)).toEqual(["step 1", "persist e1", "durable", "fatal disk full"]);
});

test("[MCH11] after stop nothing happens any more, not even effects of a persist in flight", () => {
  const rig = rigOf({
    step: (event) => ({ ...writes(event), wakeAtMonoMs: 5 }),
    persist: "by hand",
  });
  rig.loop.start("");
  rig.loop.post("1");
  rig.loop.stop();
  rig.settle();
  rig.loop.post("2");
  rig.clock.advance(100);
  expect(rig.trace.slice(1)).toEqual(["step 1", "persist e1", "durable"]);
  expect(rig.clock.pending).toBe(0);
});

test("[MCH12] a machine that feeds itself for ever gives the turn back, and can be stopped", () => {
  let steps = 0;
  const rig = rigOf({
    step: () => ({ afterPersist: ["again"] }),
    perform: (_effect, { loop }) => {
      steps += 1;
      loop.post("more");
    },
  });
  rig.loop.start("");
  rig.loop.post("first");
  expect(steps).toBe(limits.turnEventsMax);
  rig.loop.post("late");
  rig.clock.now += 1;
  expect(rig.clock.pending).toBe(1);
  rig.loop.stop();
  expect(rig.clock.pending).toBe(0);
});

test("[MCH12] a batch is bounded", () => {
  const rig = rigOf({ step: (event) => ({ persist: [event] }), persist: "by hand" });
  rig.loop.start("");
  for (let event = 0; event <= limits.batchEventsMax + 10; event += 1) rig.loop.post(String(event));
  expect(rig.loop.queueLength()).toBe(limits.batchEventsMax + 10);
  rig.settle();
  const persisted = rig.trace
    .filter((line) => line.startsWith("persist"))
    .map((line) => line.split("+").length);
  expect(persisted).toEqual([1, limits.batchEventsMax]);
  expect(rig.loop.queueLength()).toBe(10);
});

test("[MCH2][MCH3] order, durability before effect, and reads never see what is not durable", () => {
  const action = fc.oneof(
    fc.record({
      type: fc.constant("post" as const),
      entries: fc.nat(2),
      effects: fc.nat(2),
      inner: fc.boolean(),
    }),
    fc.constant({ type: "read" as const }),
    fc.constant({ type: "settle" as const }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const stepped: string[] = [];
      const entriesOf = new Map<string, string[]>();
      const durable = new Set<string>();
      const performed: string[] = [];
      const expected: string[] = [];
      let flight: string[] = [];
      const plans = new Map<string, { entries: number; effects: number; inner: boolean }>();
      let count = 0;
      const post = (plan: { entries: number; effects: number; inner: boolean }) => {
        count += 1;
        plans.set(String(count), plan);
        rig.loop.post(String(count));
      };
      const allDurable = () =>
        stepped.every((event) => entriesOf.get(event)!.every((entry) => durable.has(entry)));
      const rig = rigOf({
        persist: "by hand",
        step(event) {
          const plan = plans.get(event)!;
          expect(rig.inFlight()).toBe(false);
          stepped.push(event);
          const persist = Array.from({ length: plan.entries }, (_, index) => `${event}.${index}`);
          entriesOf.set(event, persist);
          const afterPersist = Array.from(
            { length: plan.effects },
            (_, index) => `${event}:${index}`,
          );
          expected.push(...afterPersist);
          return { persist, afterPersist };
        },
        perform(effect) {
          const [event] = effect.split(":");
          expect(entriesOf.get(event!)!.every((entry) => durable.has(entry))).toBe(true);
          performed.push(effect);
          if (plans.get(event!)!.inner) post({ entries: 1, effects: 0, inner: false });
        },
      });
      const settle = () => {
        flight = rig.trace
          .findLast((line) => line.startsWith("persist "))!
          .slice("persist ".length)
          .split("+");
        for (const entry of flight) durable.add(entry);
        rig.settle();
      };
      rig.loop.start("");
      let reads = 0;
      let readsRun = 0;
      for (const step of actions) {
        if (step.type === "post") post(step);
        else if (step.type === "read") {
          reads += 1;
          rig.loop.read(() => {
            readsRun += 1;
            expect(allDurable()).toBe(true);
          });
        } else if (rig.inFlight()) settle();
      }
      while (rig.inFlight()) settle();
      expect(stepped).toEqual(Array.from({ length: count }, (_, index) => String(index + 1)));
      expect(performed).toEqual(expected);
      expect(readsRun).toBe(reads);
      expect(rig.trace.some((line) => line.startsWith("fatal"))).toBe(false);
    }),
    { numRuns: 500 },
  );
});

function fail(message: string): never {
  throw new Error(message);
}
