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
