import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentProcess } from "../worlds/agent-process.ts";
import { agentConfig, agentRegistered } from "../worlds/cluster.ts";
import { eventually, sendTo, startWorld, TestScheduler } from "../worlds/http-world.ts";
import type { RawResponse, World } from "../worlds/http-world.ts";
import { residentBytes } from "../worlds/memory.ts";
import { readNothing } from "../worlds/quiet-reader.ts";
import { runTask } from "../worlds/run-task.ts";

const gib = 1024 ** 3;
/** What the agent may hold in addition while it sends a file: buffers, and what the collector has not had yet. */
const growthBytesMax = 64 * 1024 ** 2;

const dir = mkdtempSync(join(tmpdir(), "tutti-files-"));
let world: World;
let agent: AgentProcess;
let scheduler: TestScheduler;
let sandbox: string;

beforeAll(async () => {
  world = await startWorld();
  agent = new AgentProcess(await agentConfig(dir, world));
  agent.start();
  await agentRegistered(world);
  scheduler = await TestScheduler.subscribe(world);
  await runTask(scheduler, "logs", "sleep 1000");
  const path = `/frameworks/${await scheduler.frameworkId()}/executors/logs/runs/latest`;
  const debug = JSON.parse((await read("/files/debug")).text) as Readonly<Record<string, string>>;
  const real = debug[path] ?? "";
  sandbox = path;
  writeFileSync(`${real}/one.log`, "first line\n");
  truncateSync(`${real}/one.log`, gib);
  writeFileSync(`${real}/four.log`, "first line\n");
  truncateSync(`${real}/four.log`, 4 * gib);
});

afterAll(async () => {
  await scheduler.call({ type: "TEARDOWN" });
  await eventually("the end of the task", async () =>
    (await read("/containers")).text === "[]" ? true : undefined,
  );
  await agent.signal("SIGKILL");
  await world.end();
  rmSync(dir, { recursive: true, force: true });
});

function read(path: string): Promise<RawResponse> {
  return sendTo(agent.url, world.secret, { method: "GET", path });
}

describe("[AGT32] a log of gigabytes", () => {
  it("1 GiB is downloaded whole, without growth of memory", async () => {
    const before = residentBytes(agent.pid);
    let most = before;
    let bytes = 0;
    await new Promise<void>((resolve, reject) => {
      get(`${agent.url}/files/download?path=${sandbox}/one.log`, (response) => {
        response.on("data", (chunk: Buffer) => {
          const crossed =
            Math.floor(bytes / 2 ** 24) !== Math.floor((bytes + chunk.length) / 2 ** 24);
          bytes += chunk.length;
          if (crossed) most = Math.max(most, residentBytes(agent.pid));
        });
        response.on("end", resolve);
        response.on("error", reject);
      }).on("error", reject);
    });
    expect(bytes).toBe(gib);
    expect(most - before).toBeLessThan(growthBytesMax);
  });

  it.each([
    ["offset=0", 0],
    ["offset=0&length=-1", 0],
    [`offset=0&length=${4 * gib}`, 0],
    [`offset=${3 * gib}`, 3 * gib],
    [`offset=${4 * gib - 10}&length=${gib}`, 4 * gib - 10],
  ])("a read of %s is one bounded piece", async (query, offset) => {
    const answer = await read(`/files/read?path=${sandbox}/four.log&${query}`);
    const { data, offset: at } = JSON.parse(answer.text) as {
      readonly data: string;
      readonly offset: number;
    };
    expect(at).toBe(offset);
    expect(Buffer.byteLength(data)).toBe(Math.min(64 * 1024, 4 * gib - offset));
  });

  it("READ_FILE of all of it is one bounded piece, and tells its size", async () => {
    const call = { type: "READ_FILE", read_file: { path: `${sandbox}/four.log`, offset: 0 } };
    const answer = await sendTo(agent.url, world.secret, {
      method: "POST",
      path: "/api/v1",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...call, read_file: { ...call.read_file, length: 4 * gib } }),
    });
    const { read_file: file } = JSON.parse(answer.text) as {
      readonly read_file: { readonly size: number; readonly data: string };
    };
    expect(file.size).toBe(4 * gib);
    expect(Buffer.from(file.data, "base64").length).toBe(64 * 1024);
  });

  it("readers who stop reading hold a bounded piece each, and nobody else waits", async () => {
    const before = residentBytes(agent.pid);
    const head = `GET /files/download?path=${sandbox}/four.log HTTP/1.1`;
    const readers = await Promise.all(
      Array.from({ length: 40 }, () => readNothing(agent.url, head)),
    );
    try {
      expect((await read("/health")).status).toBe(200);
      expect((await read(`/files/read?path=${sandbox}/one.log&offset=0&length=5`)).text).toBe(
        '{"data":"first","offset":0}',
      );
      expect(residentBytes(agent.pid) - before).toBeLessThan(2 * growthBytesMax);
    } finally {
      for (const reader of readers) reader.destroy();
    }
    // Their places are free again: more than fit at once come one after the other.
    for (let count = 0; count < 70; count += 1) {
      const reader = await readNothing(agent.url, head);
      const isServed = await new Promise<boolean>((resolve) => {
        reader.once("data", (chunk: Buffer) => resolve(chunk.includes(" 200 OK")));
        reader.resume();
      });
      reader.destroy();
      expect(isServed).toBe(true);
    }
  });
});
