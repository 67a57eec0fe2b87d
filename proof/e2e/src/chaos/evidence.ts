import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestCluster } from "../cluster.ts";

/** What Marathon and the master are asked when a run has failed. */
const questions = {
  apps: "/v2/apps?embed=apps.tasks&embed=apps.deployments&embed=apps.lastTaskFailure",
  deployments: "/v2/deployments",
  queue: "/v2/queue?embed=lastUnusedOffers",
} as const;

/** Keeps the logs of all processes, and what Marathon and the master say of themselves, in `dir`. */
export async function keepEvidence(cluster: TestCluster, dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const machines = join(cluster.dir, "machines");
  for (const machine of readdirSync(machines)) {
    const logs = join(machines, machine, "log");
    if (existsSync(logs)) cpSync(logs, join(dir, machine), { recursive: true });
  }
  for (const [name, path] of Object.entries(questions))
    await keep(join(dir, `${name}.json`), async () => (await cluster.marathon("GET", path)).body);
  await keep(join(dir, "master.json"), async () => {
    const answer = await fetch(`${cluster.masterUrl}/state`, {
      signal: AbortSignal.timeout(20_000),
    });
    return answer.json();
  });
}

async function keep(file: string, ask: () => Promise<unknown>): Promise<void> {
  let text: string;
  try {
    text = JSON.stringify(await ask(), undefined, 1);
  } catch (error) {
    text = String(error);
  }
  writeFileSync(file, text);
}
