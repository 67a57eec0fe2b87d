import { expect, it } from "vitest";
import { descendantsOf, processesNow, runMs } from "./run-time.ts";

it("finds what a process started, at any depth, and nothing else", () => {
  const all = [
    { pid: 10, parent: 1, comm: "bench" },
    { pid: 11, parent: 10, comm: "sh" },
    { pid: 12, parent: 11, comm: "nft" },
    { pid: 13, parent: 1, comm: "nft" },
  ];
  expect(descendantsOf(10, all).map(({ pid }) => pid)).toEqual([11, 12]);
});

it("sees this process, and that it ran", () => {
  expect(processesNow().map(({ pid }) => pid)).toContain(process.pid);
  expect(runMs([process.pid])).toBeGreaterThan(0);
});
