import { assert } from "@tutti/base";

/** What a session knows of the leadership it stands for. */
export interface Standing {
  /** Whether it was told that it leads. */
  isLeading(): boolean;
  /** Whether it was told afterwards that this is over. */
  isLost(): boolean;
}

/** Two processes, `a` and `b`, with a session each at one coordination, freshly made for one case. */
export interface SessionWorld {
  /** The timeout of both sessions, in milliseconds. */
  readonly timeoutMs: number;
  nowMs(): number;
  /** Lets the process of this name stand for the one election. */
  stand(name: "a" | "b"): Standing;
  /** Cuts `a` off from coordination and from `b`; or only what it sends, or only what it receives. */
  cut(direction: "both" | "out" | "in"): void;
  /** Mends what was cut. */
  mend(): void;
  /** Stops the process of `a`. */
  pause(): void;
  /** Lets it go on: with its timers, or with what its sockets hold. */
  resume(first: "timers" | "sockets"): void;
  /** Lets event after event happen until `condition` holds, which is asked after each; fails when it does not within a bound. */
  until(condition: () => boolean): Promise<void>;
}

/** One rule of sessions, with the behaviour that every side with sessions must show. */
export interface SessionCase {
  /** Begins with the rule's ID in brackets. */
  readonly title: string;
  run(world: SessionWorld): Promise<void>;
}

/** `a` leads, and `b` waits to. */
async function begin(world: SessionWorld): Promise<{ readonly a: Standing; readonly b: Standing }> {
  const a = world.stand("a");
  await world.until(() => a.isLeading());
  const b = world.stand("b");
  const untilMs = world.nowMs() + world.timeoutMs;
  await world.until(() => world.nowMs() >= untilMs);
  assert(!a.isLost() && !b.isLeading(), "nothing has befallen the leader");
  return { a, b };
}

const cuts: readonly SessionCase[] = (["both", "out", "in"] as const).map((direction) => ({
  title: `[COO20] who is cut off (${direction}) knows that its leadership is over before anybody else leads`,
  async run(world) {
    const { a, b } = await begin(world);
    const cutMs = world.nowMs();
    world.cut(direction);
    await world.until(() => {
      assert(a.isLost() || !b.isLeading(), "another leads, and the old leader does not know it");
      return a.isLost();
    });
    assert(world.nowMs() - cutMs <= world.timeoutMs, "it was told after the timeout");
    await world.until(() => b.isLeading());
    assert(world.nowMs() - cutMs <= 1.5 * world.timeoutMs, "nobody leads for too long");
    world.mend();
    const untilMs = world.nowMs() + 2 * world.timeoutMs;
    await world.until(() => world.nowMs() >= untilMs);
    assert(!b.isLost(), "the old leader's end ended the leadership of its successor");
  },
}));

const stops: readonly SessionCase[] = (["timers", "sockets"] as const).map((first) => ({
  title: `[COO20] who stood still knows it as soon as it goes on, with its ${first} first`,
  async run(world) {
    const { a, b } = await begin(world);
    world.pause();
    await world.until(() => b.isLeading());
    assert(!a.isLost(), "who stands still is told nothing");
    world.resume(first);
    const resumedMs = world.nowMs();
    await world.until(() => a.isLost());
    assert(world.nowMs() === resumedMs, "it was told later than it could have been");
    assert(!b.isLost(), "its successor leads on");
  },
}));

/** What every side of coordination whose sessions can be cut off must do. The rules stand in `docs/spec/coordination.md`. */
export const sessionContract: readonly SessionCase[] = [
  ...cuts,
  ...stops,
  {
    title: "[COO20] who is cut off for less than half of the timeout leads on",
    async run(world) {
      const { a, b } = await begin(world);
      for (const direction of ["both", "out", "in"] as const) {
        world.cut(direction);
        const mendMs = world.nowMs() + 0.45 * world.timeoutMs;
        await world.until(() => world.nowMs() >= mendMs);
        world.mend();
        const untilMs = world.nowMs() + world.timeoutMs;
        await world.until(() => world.nowMs() >= untilMs);
      }
      assert(!a.isLost() && !b.isLeading(), "a short silence ended a leadership");
    },
  },
];
