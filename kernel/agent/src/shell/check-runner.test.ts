import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AgentEvent } from "../core/index.ts";
import { CheckRunner } from "./check-runner.ts";

type Finished = Extract<AgentEvent, { readonly type: "checkFinished" }>;

/** A task's server, which goes on while the agent stands still: it answers 200 after the milliseconds in its path. */
const serverSource = `
const { createServer } = require("node:http");
const { parentPort } = require("node:worker_threads");
const server = createServer((request, response) => {
  setTimeout(() => response.end("good"), Number(request.url.slice(1)));
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

let server: Worker;
let port: number;

beforeAll(async () => {
  server = new Worker(serverSource, { eval: true });
  port = await new Promise<number>((resolve) => server.once("message", resolve));
});

afterAll(async () => {
  await server.terminate();
});

/** The result of one check with a timeout of 1.5 s; `begun` is called when it has been ordered. */
function check(answersAfterMs: number, begun: () => void = () => undefined): Promise<Finished> {
  return new Promise((resolve) => {
    const runner = new CheckRunner({
      containerizer: { exec: () => Promise.reject(new Error("no command is run here")) },
      ip: "127.0.0.1",
      tell: (event) => {
        if (event.type === "checkFinished") resolve(event);
      },
    });
    const path = `/${String(answersAfterMs)}`;
    const http = { type: "http", scheme: "http", family: "IPv4", port, path } as const;
    const order = { containerId: "c1", purpose: "health", attempt: 1, timeoutMs: 1500 } as const;
    runner.run({ type: "runCheck", ...order, check: http });
    begun();
  });
}

/** As SIGSTOP does, and its end: nothing happens in this thread meanwhile. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it("[AGT43] a check that is under way while the agent stands still is no failure", async () => {
  const { result } = await check(0, () => standStill(4000));
  expect(result).toEqual({ type: "http", statusCode: 200 });
});

it("[AGT43] a task that does not answer in time fails its check all the same", async () => {
  const { result } = await check(60_000);
  expect(result).toMatchObject({
    type: "failed",
    message: "HTTP request has not returned after 1.5secs; aborting",
  });
});
