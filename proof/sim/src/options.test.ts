import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./options.ts";
import { againOptions } from "./report.ts";
import { runSeed, shortSeed } from "./run-seed.ts";

describe("the arguments of the command", () => {
  it("[SIM28] say which seeds are run, and how", () => {
    const as = { type: "run", masters: 1, verbose: false, names: false, short: false };
    expect(parseCommand(["--seed", "7"])).toEqual({ ...as, first: 7, count: 1 });
    expect(parseCommand(["--seeds", "20", "--from", "3", "--masters", "3"])).toEqual({
      ...as,
      first: 3,
      count: 20,
      masters: 3,
    });
    expect(parseCommand(["--seed", "1", "--codec", "0.5", "--verbose"])).toEqual({
      ...as,
      first: 1,
      count: 1,
      codecShare: 0.5,
      verbose: true,
    });
    expect(parseCommand(["--help"])).toEqual({ type: "help" });
  });

  it("[SIM28] a broken seed tells those that run it again", () => {
    const small = { activeMs: 1000, faults: 0, actions: 0, apps: 0, agents: 1 };
    const as = { type: "run", first: 7, count: 1, verbose: false };
    for (const said of [
      { names: false, masters: 1 },
      { names: false, masters: 3 },
      { names: true, masters: 3, codecShare: 0.5 },
    ]) {
      const again = parseCommand(againOptions(runSeed(7, { ...small, ...said })).split(" "));
      expect(again).toEqual({ ...as, short: false, ...said });
    }
    const again = parseCommand(againOptions(runSeed(7, { ...shortSeed, names: true })).split(" "));
    expect(again).toEqual({ ...as, short: true, names: true, masters: 1 });
  });

  it.each([
    ["--seed x", "--seed is a whole number from 1 to 4294967295, not 'x'"],
    ["--seed 1.5", "not '1.5'"],
    ["--seed 0", "not '0'"],
    ["--seeds 0", "--seeds is a whole number from 1 to 1000000, not '0'"],
    ["--seeds=-3", "not '-3'"],
    ["--seeds 1e3", "not '1e3'"],
    ["--seeds Infinity", "not 'Infinity'"],
    ["--seeds 2 --from y", "--from is a whole number"],
    ["--seed 2 --masters 0", "--masters is a whole number from 1 to 9, not '0'"],
    ["--seed 2 --masters 10", "not '10'"],
    ["--seed 2 --codec 1.1", "--codec is a share from 0 to 1, not '1.1'"],
    ["--seed 2 --codec=", "not ''"],
    ["--seed 2 --codec 0x1", "not '0x1'"],
    ["--seed 2 --seeds 3", "either --seed or --seeds"],
    ["", "either --seed or --seeds"],
    ["--seeds 2 --from 4294967295", "the last seed is 4294967295: there are no 2 seeds from"],
    ["--seed -1", "To specify an option argument starting with a dash use '--seed=-XYZ'"],
    ["--seed=-1", "--seed is a whole number from 1 to 4294967295, not '-1'"],
    ["--seed 2 --from 3", "--from goes with --seeds"],
    ["--sed 2", "Unknown option '--sed'"],
  ])("[SIM28] %s is wrong", (line, text) => {
    const parsed = parseCommand(line.split(" ").filter((word) => word !== ""));
    expect(parsed.type === "wrong" ? parsed.message : parsed).toContain(text);
  });

  it("[SIM28] that are wrong are told in one line, and nothing is run", () => {
    const main = new URL("main.ts", import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "--seeds", "0"], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toBe("tutti sim: --seeds is a whole number from 1 to 1000000, not '0'\n");
  });
});
