import { expect, test } from "vitest";
import type { TableVersion } from "@tutti/discovery-v1";
import { MachineRoll } from "./machine-roll.ts";
import type { RolledMachine } from "./machine-roll.ts";

const at = (sequence: number, epoch = 2): TableVersion => ({ epoch, sequence });

function machine(number: number): RolledMachine {
  const address = `10.0.0.${number}`;
  return { name: `m${number}`, address, remoteAddress: address };
}

/** A roll of a table at 2.9 that tells of no machines. */
function roll(...numbers: readonly number[]) {
  const made = new MachineRoll(
    () => [],
    () => at(9),
  );
  const machines = numbers.map(machine);
  for (const one of machines) made.enter(one);
  return { roll: made, machines };
}

test("[DSC39] of two reports of one machine the newer counts, in whatever order they come", () => {
  const { roll: one } = roll(1);
  one.applied("m1", at(5));
  one.applied("m1", at(4));
  one.applied("m1", at(40, 1));
  expect(one.held()).toEqual(at(5));
  one.applied("m1", at(6));
  expect(one.held()).toEqual(at(6));
});

test("[DSC39] a version that was never published says nothing of this table", () => {
  const { roll: one } = roll(1);
  one.applied("m1", at(10));
  one.applied("m1", at(1, 7));
  expect(one.held()).toBeUndefined();
  one.applied("m1", at(3));
  expect(one.held()).toEqual(at(3));
});

test("[DSC39] what a machine told on one stream does not count on the next", () => {
  const { roll: one, machines } = roll(1, 2);
  one.applied("m1", at(5));
  one.applied("m2", at(6));
  one.enter(machine(1));
  expect(one.held()).toBeUndefined();
  one.applied("m1", at(4));
  expect(one.held()).toEqual(at(4));
  one.leave(machines[0] ?? machine(1));
  expect(one.held()).toEqual(at(4));
});

test("[DSC39] the oldest version held is that of the slowest machine, whoever tells and leaves", () => {
  const { roll: one, machines } = roll(1, 2, 3);
  for (const { name } of machines) one.applied(name, at(1));
  expect(one.held()).toEqual(at(1));
  one.applied("m1", at(3));
  one.applied("m2", at(2));
  expect(one.held()).toEqual(at(1));
  one.applied("m3", at(4));
  expect(one.held()).toEqual(at(2));
  const [, second] = machines;
  if (second !== undefined) one.leave(second);
  expect(one.held()).toEqual(at(3));
});
