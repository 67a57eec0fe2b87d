import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseChaosCommand } from "./chaos-command.ts";

describe("the arguments of chaos", () => {
  it("[GF14] say which seed, how long, and whether agents are lost", () => {
    const as = { type: "run", minutes: 5, agentLosses: "none" };
    expect(parseChaosCommand([])).toEqual(as);
    expect(parseChaosCommand(["--seed", "0"])).toEqual({ ...as, seed: 0 });
    expect(parseChaosCommand(["--seed=4294967295", "--minutes", "0.5"])).toEqual({
      ...as,
      seed: 4294967295,
      minutes: 0.5,
    });
    expect(parseChaosCommand(["--minutes", "20", "--lose-agents"])).toEqual({
      ...as,
      minutes: 20,
      agentLosses: "asMesos",
    });
    expect(parseChaosCommand(["--lose-agents", "--soon"])).toEqual({ ...as, agentLosses: "soon" });
    expect(parseChaosCommand(["--help", "--seed", "x"])).toEqual({ type: "help" });
  });

  const seeds = "--seed is a whole number from 0 to 4294967295, not";
  const minutes = "--minutes is a number above 0 and at most 20, not";
  it.each([
    [["--seed", ""], `${seeds} ''`],
    [["--seed", " "], `${seeds} ' '`],
    [["--seed=-1"], `${seeds} '-1'`],
    [["--seed", "-1"], "Option '--seed' argument is ambiguous"],
    [["--seed", "1.5"], `${seeds} '1.5'`],
    [["--seed", "1e3"], `${seeds} '1e3'`],
    [["--seed", "0x10"], `${seeds} '0x10'`],
    [["--seed", "4294967296"], `${seeds} '4294967296'`],
    [["--seed", "Infinity"], `${seeds} 'Infinity'`],
    [["--seed"], "Option '--seed <value>' argument missing"],
    [["--minutes", ""], `${minutes} ''`],
    [["--minutes", "0"], `${minutes} '0'`],
    [["--minutes", "0.0"], `${minutes} '0.0'`],
    [["--minutes=-3"], `${minutes} '-3'`],
    [["--minutes", "20.1"], `${minutes} '20.1'`],
    [["--minutes", "1e1"], `${minutes} '1e1'`],
    [["--minutes", "NaN"], `${minutes} 'NaN'`],
    [["--soon"], "--soon goes with --lose-agents"],
    [["--sed", "2"], "Unknown option '--sed'"],
    [["5"], "Unexpected argument '5'"],
  ])("[GF14] %j is wrong", (args, text) => {
    const parsed = parseChaosCommand(args);
    expect(parsed.type === "wrong" ? parsed.message : parsed).toContain(text);
  });

  it("[GF14] that are wrong end with 2 and a sentence, and nothing is built", () => {
    const main = new URL("../main.ts", import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "--seed", ""], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(`tutti chaos: ${seeds} '' (--help says more)\n`);
  });
});
