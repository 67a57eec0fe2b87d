import { describe, expect, it } from "vitest";
import { base, type Case, large, small, textOf } from "../testing/explained-app.ts";
import type { QuotaHold } from "./facts.ts";

const roomy = { name: "agent-1", free: large };
const limit: QuotaHold = { type: "limit", role: "*", of: "*", name: "cpus", limit: 9, used: 8 };
const promise: QuotaHold = { type: "promise", roles: ["dev"], name: "cpus", held: 6, free: 8 };

const cases: readonly Case[] = [
  [
    "[WHY15] the limit of its role is reached",
    { machines: [roomy], quota: [limit] },
    "2 of 3 instances run.\n" +
      "The role * may use 9 cpus and uses 8: one more instance needs 4.\n" +
      "> Raise the limit of the role * (UPDATE_QUOTA), or end something of the role.",
  ],
  [
    "[WHY15] the limit of a role above its own",
    { machines: [roomy], quota: [{ ...limit, role: "eng", of: "eng/web", name: "mem" }] },
    "2 of 3 instances run.\n" +
      "The role eng with all below it, as eng/web, may use 9 MB of memory at most: one instance needs 128.\n" +
      "> Raise the limit of the role eng (UPDATE_QUOTA), or lower mem.",
  ],
  [
    "[WHY15] a limit before what machines lack",
    { machines: [small], quota: [limit] },
    "2 of 3 instances run.\n" +
      "The role * may use 9 cpus and uses 8: one more instance needs 4.\n" +
      "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on agent-2.\n" +
      "> Raise the limit of the role * (UPDATE_QUOTA), or end something of the role.\n" +
      "> Lower cpus, or add a machine.",
  ],
  [
    "[WHY15] enough is reserved for it on a machine",
    { machines: [{ ...roomy, isReserved: true }], quota: [limit] },
    "2 of 3 instances run.\nagent-1 has room for the third; it is to start within half a minute.",
  ],
  [
    "[WHY16] what is free is held for a role that was promised it",
    { machines: [roomy], quota: [promise] },
    "2 of 3 instances run.\n" +
      "Of the 8 cpus that are free 6 are held for the role dev, which was promised them: one more instance needs 4.\n" +
      "> Lower the guarantee of dev (UPDATE_QUOTA), or add a machine.",
  ],
  [
    "[WHY16] the rest of a limit is held for roles below it",
    { machines: [roomy], quota: [{ ...promise, roles: ["a/b", "a/c"], held: 8, within: "a" }] },
    "2 of 3 instances run.\n" +
      "All of the 8 cpus that the role a may still use are held for the roles a/b and a/c, which were promised them: one more instance needs 4.\n" +
      "> Lower the guarantees of a/b and a/c, or raise the limit of a (UPDATE_QUOTA).",
  ],
  [
    "[WHY8] nothing keeps it, however long it waits",
    { machines: [roomy], quota: [], waitingMs: 90_000 },
    "2 of 3 instances run.\nagent-1 has room for the third; it is to start within half a minute.",
  ],
  [
    "[WHY8] whether quota keeps it is not known, and it waits for long",
    { machines: [roomy], waitingMs: 90_000 },
    "2 of 3 instances run.\n" +
      "agent-1 has room for the third; if it does not start within half a minute, the quota of its role, or of other roles, may hold it back.\n" +
      "> See the limits and guarantees of the roles: GET /roles of the master.",
  ],
];

describe("an app that quota keeps from starting", () => {
  it.each(cases)("%s", (_name, facts, text) => {
    expect(textOf({ ...base, ...facts })).toBe(text);
  });
});
