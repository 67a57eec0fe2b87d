import { describe, expect, it } from "vitest";
import { commandFirst } from "./command-first.ts";

describe("[MAC21] where the directory stands", () => {
  it.each([
    [
      ["--dir", "d", "down", "--json"],
      ["down", "--dir", "d", "--json"],
    ],
    [
      ["--dir=d", "status"],
      ["status", "--dir=d"],
    ],
    [
      ["--dir", "d", "app", "list"],
      ["--dir", "d", "app", "list"],
    ],
    [
      ["--dir", "down"],
      ["--dir", "down"],
    ],
    [
      ["up", "--dir", "d"],
      ["up", "--dir", "d"],
    ],
  ])("%j means %j", (typed, meant) => {
    expect(commandFirst(typed)).toEqual(meant);
  });
});
