import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { goneExitCode } from "@tutti/node";
import { goneMachines } from "./gone-machines.ts";
import { clusterPaths } from "./machine/paths.ts";

test("[CLI21] removed for ever is a machine whose agent said so at its end, until its work directory is empty", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tutti-gone-"));
  const agents = ["agent1", "agent2"].map((name) => ({ name, ip: "127.213.0.9", public: false }));
  const cluster = { id: "abc123", network: "loopback" as const };
  const file = { ...cluster, schema: 1, secret: "s", masters: [], agents };
  writeFileSync(join(dir, "cluster.json"), JSON.stringify(file));
  const paths = clusterPaths(dir, cluster);
  for (const { name } of agents) {
    mkdirSync(join(paths.workDirOnDisk(name), "meta"), { recursive: true });
    mkdirSync(paths.runDir(name), { recursive: true });
  }
  writeFileSync(join(paths.runDir("agent1"), "agent.exits"), `${String(goneExitCode)} 12\n`);
  writeFileSync(join(paths.runDir("agent2"), "agent.exits"), "1 12\n");
  expect(await goneMachines(dir)).toEqual(["agent1"]);
  rmSync(join(paths.workDirOnDisk("agent1"), "meta"), { recursive: true });
  expect(await goneMachines(dir)).toEqual([]);
  rmSync(dir, { recursive: true });
  expect(await goneMachines(dir)).toEqual([]);
});
