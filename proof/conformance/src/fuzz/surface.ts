import fc from "fast-check";
import { expect } from "vitest";
import { eventually } from "../worlds/http-world.ts";
import type { OddRequest } from "./requests.ts";
import { sendOdd } from "./send-odd.ts";
import type { OddAnswer } from "./send-odd.ts";

/** Each property is tried for so long, at most; longer when a hunt is wanted. */
const huntMs = Number(process.env["TUTTI_FUZZ_MS"] ?? 2000);
const bounds = {
  // The same requests each time, so that green stays green; a hunt draws others.
  ...(process.env["TUTTI_FUZZ_MS"] === undefined && { seed: 20_210_331 }),
  numRuns: huntMs,
  interruptAfterTimeLimit: huntMs,
  markInterruptAsFailure: false,
  endOnFailure: true,
} as const;

/** Requests that may change nothing: whatever the answers, the state is what it was, and none is a bug. */
export async function expectUntouched(
  url: string,
  requests: fc.Arbitrary<OddRequest>,
): Promise<void> {
  const before = await stateOf(url);
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      await sendChecked(url, request);
    }),
    bounds,
  );
  expect(await stateOf(url)).toBe(before);
}

/** Requests that may do something: none is a bug, and those that are refused change nothing. */
export function expectRefusedOrDone(
  url: string,
  requests: fc.Arbitrary<OddRequest>,
  prepare: (request: OddRequest) => Promise<OddRequest>,
): Promise<void> {
  const property = fc.asyncProperty(requests, async (drawn) => {
    const request = await prepare(drawn);
    const before = await stateOf(url);
    const { status } = await sendChecked(url, request);
    if (status < 400 || (await stateOf(url)) === before) return;
    // An earlier call may still have been at work: once more, when all is quiet.
    const quiet = await settledState(url);
    await sendChecked(url, request);
    expect(await settledState(url)).toBe(quiet);
  });
  return fc.assert(property, bounds);
}

/** The refusals that Mesos answers with 500 (recorded: agent_REMOVE_NESTED_CONTAINER_nested); any other is a bug. */
const recordedInternalErrors = ["Unknown root container"];

async function sendChecked(url: string, request: OddRequest): Promise<OddAnswer> {
  const answer = await sendOdd(url, request);
  if (answer.status === 500) expect(recordedInternalErrors).toContain(answer.text);
  expect(answer.status).toBeGreaterThanOrEqual(200);
  return answer;
}

async function stateOf(url: string): Promise<string> {
  const request = { method: "GET", path: "/state", headers: {}, body: new Uint8Array(0) };
  const { status, text } = await sendOdd(url, request);
  expect(status).toBe(200);
  return text;
}

async function settledState(url: string): Promise<string> {
  let last = "";
  return eventually("a state that stays", async () => {
    const now = await stateOf(url);
    const isSame = now === last;
    last = now;
    if (isSame) return now;
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
    return undefined;
  });
}
