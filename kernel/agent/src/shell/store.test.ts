import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentJournal } from "../core/index.ts";
import type { AgentDurable, AgentEntry } from "../core/index.ts";
import { openStore } from "./store.ts";
import type { AgentStore } from "./store.ts";

let dir = "";
let path = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "agent-store-"));
  path = join(dir, "meta", "agent.sqlite");
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const entries: readonly AgentEntry[] = [
  { type: "agentChanged", agent: { version: 1, epochSeen: 3, bootId: "b", agentId: "m-S1" } },
  {
    type: "frameworkChanged",
    framework: { version: 1, frameworkId: "f1", info: { user: "u", name: "f" } },
  },
  { type: "taskAdded", task: { version: 1, id: "c1", order: 1, frameworkId: "f1", taskId: "t1" } },
  { type: "taskAdded", task: { version: 1, id: "c2", order: 2, frameworkId: "f1", taskId: "t2" } },
  {
    type: "taskChanged",
    run: {
      version: 1,
      id: "c1",
      state: "TASK_RUNNING",
      executor: { phase: "starting", killed: true },
      statuses: [],
      pending: [],
      silent: false,
      cleaned: false,
    },
  },
  { type: "taskRemoved", id: "c2" },
  { type: "frameworkRemoved", frameworkId: "f0" },
];

function persist(store: AgentStore, of: readonly AgentEntry[]): Promise<void> {
  return new Promise((resolve, reject) => {
    store.persist(of, (error) => (error === undefined ? resolve() : reject(error)));
  });
}

describe("the agent's store", () => {
  it("[AGT23] gives back after a restart what the journal of the simulations would", async () => {
    const journal = new AgentJournal();
    const first = openStore(path);
    expect(first.load()).toEqual<AgentDurable>({ frameworks: [], tasks: [], runs: [] });
    for (const entry of entries) {
      journal.apply(entry);
      await persist(first, [entry]);
    }
    first.close();
    const second = openStore(path);
    expect(second.load()).toEqual(journal.durable());
    second.close();
  });

  it("[AGT23] makes a step durable as a whole", async () => {
    const store = openStore(path);
    const broken = { type: "taskAdded", task: { id: "c9", self: 1n } } as unknown as AgentEntry;
    await expect(persist(store, [...entries, broken])).rejects.toThrow("BigInt");
    store.close();
    const again = openStore(path);
    expect(again.load().tasks).toEqual([]);
    again.close();
  });

  it("[AGT23] belongs to one agent at a time", () => {
    const store = openStore(path);
    expect(() => openStore(path)).toThrow(`${path} is in use by another agent`);
    store.close();
    openStore(path).close();
  });

  it("[AGT23] refuses what a newer release wrote, and what is no database", () => {
    openStore(path).close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version=99");
    database.close();
    expect(() => openStore(path)).toThrow("was written by a newer release (version 99)");
  });
});
