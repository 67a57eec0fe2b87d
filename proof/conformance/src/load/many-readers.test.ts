import { request } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Task } from "@tutti/mesos-v1";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestAgent, TestScheduler } from "../worlds/http-world.ts";
import { startMasterProcess } from "../worlds/master-process.ts";
import type { MasterProcess } from "../worlds/master-process.ts";
import { residentBytes } from "../worlds/memory.ts";
import { readNothing } from "../worlds/quiet-reader.ts";

const mib = 1024 ** 2;
const taskCount = 10_000;
const readerCount = 100;

let master: MasterProcess;
let scheduler: TestScheduler;
let agent: TestAgent;

/** A state of many megabytes: an agent brings ten thousand tasks. */
beforeAll(async () => {
  master = await startMasterProcess();
  scheduler = await TestScheduler.subscribe(master, { name: "many" });
  const frameworkId = await scheduler.frameworkId();
  const first = await TestAgent.dial(master);
  const id = await first.id();
  first.hangUp();
  agent = await TestAgent.dial(master, {
    agent: {
      id: { value: id },
      hostname: "127.0.0.1",
      resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 100_000 } }],
    },
    tasks: Array.from({ length: taskCount }, (_, index) => taskOf(index, id, frameworkId)),
  });
});

afterAll(async () => {
  agent.hangUp();
  scheduler.leave();
  await master.end();
});

function taskOf(index: number, agentId: string, frameworkId: string): Task {
  const taskId = { value: `task-${index}` };
  return {
    name: `task-${index}`,
    task_id: taskId,
    framework_id: { value: frameworkId },
    agent_id: { value: agentId },
    state: "TASK_RUNNING",
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 }, allocation_info: { role: "*" } },
    ],
    statuses: [
      { task_id: taskId, state: "TASK_STARTING", timestamp: 1 },
      { task_id: taskId, state: "TASK_RUNNING", timestamp: 2 },
    ],
    labels: { labels: [{ key: "padding", value: "x".repeat(300) }] },
  };
}

describe("[MST83] many readers of a large state", () => {
  it("a hundred who stop reading share what they are sent, and others are served", async () => {
    const { text } = await master.send({ method: "GET", path: "/state" });
    expect(text.length).toBeGreaterThan(5 * mib);
    const before = residentBytes(master.pid);
    const readers = await Promise.all(
      Array.from({ length: readerCount }, () =>
        readNothing(master.master.url, "GET /state HTTP/1.1"),
      ),
    );
    try {
      const heads = await Promise.all(readers.map(firstOf));
      expect(heads.filter((head) => head.startsWith("HTTP/1.1 200 OK"))).toHaveLength(readerCount);
      await served();
      // A copy for each would be a hundred times the text.
      expect(residentBytes(master.pid) - before).toBeLessThan(10 * text.length);
    } finally {
      for (const reader of readers) reader.destroy();
    }
  });

  it("a hundred who read get the same, whole", async () => {
    const before = residentBytes(master.pid);
    const answers = await Promise.all(
      Array.from({ length: readerCount }, () => lengthOf("/state")),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toBeGreaterThan(5 * mib);
    expect(residentBytes(master.pid) - before).toBeLessThan(50 * mib);
    await served();
  });
});

describe("[MST84] readers of streams", () => {
  it("an operator who stops reading is cut off, others hear everything", async () => {
    const body = '{"type":"SUBSCRIBE"}';
    const head = "POST /api/v1 HTTP/1.1\r\nContent-Type: application/json";
    const before = residentBytes(master.pid);
    const idle = await readNothing(master.master.url, head, body);
    const reading = await listen(head, body);
    const padding = "y".repeat(mib);
    const info = {
      user: "root",
      name: "many",
      roles: ["*"],
      checkpoint: true,
      failover_timeout: 60,
      capabilities: [{ type: "MULTI_ROLE" as const }],
      id: { value: await scheduler.frameworkId() },
      labels: { labels: [{ key: "padding", value: padding }] },
    };
    const updates = 80;
    for (let count = 0; count < updates; count += 1) {
      const answer = await scheduler.call({
        type: "UPDATE_FRAMEWORK",
        update_framework: { framework_info: { ...info, name: `many-${count}` } },
      });
      expect(answer.status).toBe(200);
    }
    await eventually("the last event", () =>
      reading.tail().includes(`many-${updates - 1}`) ? true : undefined,
    );
    expect(reading.isClosed()).toBe(false);
    await served();
    // What was kept for the one that does not read is gone with it.
    idle.resume();
    await eventually("its end", () => (idle.destroyed || idle.readableEnded ? true : undefined));
    expect(residentBytes(master.pid) - before).toBeLessThan(400 * mib);
    reading.close();
  });
});

/** The first bytes a reader has been sent. */
function firstOf(reader: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    reader.once("data", (chunk: Buffer) => {
      reader.pause();
      resolve(chunk.toString("latin1", 0, 100));
    });
    reader.once("error", reject);
    reader.resume();
  });
}

async function served(): Promise<void> {
  const tookMs: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    const began = performance.now();
    expect((await master.send({ method: "GET", path: "/health" })).status).toBe(200);
    tookMs.push(performance.now() - began);
  }
  // A busy machine is late once, not each time.
  expect(Math.min(...tookMs)).toBeLessThan(5000);
}

function lengthOf(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${master.master.url}${path}`, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.length));
      response.on("end", () => resolve(bytes));
      response.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}

/** A subscriber that reads, and remembers the end of what it has read. */
function listen(
  head: string,
  body: string,
): Promise<{ tail(): string; isClosed(): boolean; close(): void }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(master.master.url);
    let isClosed = false;
    let names = "";
    const socket: Socket = connect(Number(port), hostname, () => {
      socket.write(`${head}\r\nHost: ${hostname}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      resolve({ tail: () => names, isClosed: () => isClosed, close: () => socket.destroy() });
    });
    socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      for (const [name] of text.matchAll(/many-\d+/gu)) names = name;
    });
    socket.on("close", () => (isClosed = true));
    socket.on("error", reject);
  });
}
