import fc from "fast-check";
import { expect, test } from "vitest";
import type { TableVersion } from "@tutti/discovery-v1";
import { DrainBook } from "./drain-book.ts";

const at = (sequence: number): TableVersion => ({ epoch: 1, sequence });

function bookThatHolds(first: TableVersion | undefined, waitersMax = 10) {
  const state = { held: first };
  const book = new DrainBook({ held: () => state.held, tasksMax: 10, waitersMax });
  return { book, state };
}

test("[DSC39] a task is drained when every machine holds the version without it", () => {
  const { book, state } = bookThatHolds(at(1));
  expect(book.isDrained("task/f/a", false)).toBe(false);
  book.withdrawn(["task/f/a"], at(2));
  expect(book.isDrained("task/f/a", false)).toBe(false);
  state.held = at(2);
  expect(book.isDrained("task/f/a", false)).toBe(true);
  expect(book.isDrained("task/f/a", true)).toBe(false);
  state.held = undefined;
  expect(book.isDrained("task/f/a", false)).toBe(false);
});

test("[DSC39] who waits is told once, and a withdrawal that comes later counts", () => {
  const { book, state } = bookThatHolds(at(1));
  const told: string[] = [];
  book.wait("task/f/a", true, () => told.push("a"));
  const leave = book.wait("task/f/b", true, () => told.push("b"));
  leave?.();
  book.withdrawn(["task/f/a", "task/f/b"], at(2));
  book.check();
  expect(told).toEqual([]);
  state.held = at(2);
  book.check();
  book.check();
  expect(told).toEqual(["a"]);
});

test("[DSC39] too many may not wait", () => {
  const { book } = bookThatHolds(undefined, 1);
  expect(book.wait("task/f/a", true, () => undefined)).toBeDefined();
  expect(book.wait("task/f/b", true, () => undefined)).toBeUndefined();
});

test("[DSC39] ten thousand that wait for ten thousand tasks are told without the event loop standing still", () => {
  const count = 10_000;
  let looks = 0;
  let held: TableVersion | undefined = at(0);
  const look = (): TableVersion | undefined => {
    looks += 1;
    return held;
  };
  const book = new DrainBook({ held: look, tasksMax: count, waitersMax: count });
  const keys = Array.from({ length: count }, (_, number) => `task/f/${number}` as const);
  const told: string[] = [];
  // Time of the processor: a machine with other work takes longer, and does not do more.
  const began = process.cpuUsage();
  for (const key of keys) book.wait(key, true, () => told.push(key));
  for (let report = 0; report < count; report += 1) book.check();
  expect(looks).toBe(0);
  book.withdrawn(keys, at(1));
  for (let report = 0; report < count; report += 1) book.check();
  expect(told).toEqual([]);
  held = at(1);
  book.check();
  expect(told).toEqual(keys);
  // Quadratic, it was six seconds for the withdrawal and five for the checks.
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(3000);
});

test("[DSC39] those are told whose version is held, whoever came and left in whatever order", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          what: fc.constantFrom("wait", "leave", "withdraw", "hold"),
          task: fc.nat({ max: 3 }),
          held: fc.nat({ max: 20 }),
        }),
        { maxLength: 60 },
      ),
      (steps) => {
        const { book, state } = bookThatHolds(undefined, 1000);
        const withdrawals = new Map<number, number>();
        const waiting: { task: number; version: number | undefined; leave: () => void }[] = [];
        const told: unknown[] = [];
        let sequence = 0;
        for (const { what, task, held } of steps) {
          if (what === "wait") {
            const version = withdrawals.get(task);
            const waiter = { task, version, leave: (): void => undefined };
            const leave = book.wait(`task/f/${task}`, false, () => told.push(waiter));
            waiting.push(waiter);
            if (leave !== undefined) waiter.leave = leave;
          } else if (what === "leave") {
            waiting.splice(task, 1)[0]?.leave();
          } else if (what === "withdraw") {
            sequence += 1;
            withdrawals.set(task, sequence);
            for (const waiter of waiting) if (waiter.task === task) waiter.version = sequence;
            book.withdrawn([`task/f/${task}`], at(sequence));
          } else {
            state.held = at(held);
            told.length = 0;
            book.check();
            const due = waiting.filter(({ version }) => version !== undefined && version <= held);
            expect(new Set(told)).toEqual(new Set(due));
            expect(told).toHaveLength(due.length);
            for (const waiter of due) waiting.splice(waiting.indexOf(waiter), 1);
          }
        }
      },
    ),
  );
});
