import { httpRequest, openRecordStream } from "@tutti/http";
import type { RecordStream } from "@tutti/http";
import { nodePaths, nodeSessionHeader } from "@tutti/node-v1";
import type { AgentEffect, AgentEvent } from "../core/index.ts";
import { limits } from "./limits.ts";
import { parseMasterEnvelope } from "./parse-envelope.ts";

type EffectOf<Type extends AgentEffect["type"]> = Extract<AgentEffect, { type: Type }>;

/** The agent's end of the line to the master: carries what the core says, decides nothing. */
export interface MasterLink {
  dial(effect: EffectOf<"dial">): void;
  hangUp(dial: number): void;
  post(effect: EffectOf<"post">): void;
  close(): void;
}

/** Makes a link whose events go to `tell`. */
export function createMasterLink(options: {
  readonly secret: string;
  readonly tell: (event: AgentEvent) => void;
}): MasterLink {
  const { secret, tell } = options;
  const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" };
  let current: { readonly dial: number; readonly controller: AbortController } | undefined;

  const dial = (effect: EffectOf<"dial">): void => {
    current?.controller.abort();
    const controller = new AbortController();
    current = { dial: effect.dial, controller };
    runDial(effect, { headers, tell, signal: controller.signal }).catch((error: unknown) => {
      if (!controller.signal.aborted) {
        tell({ type: "dialFailed", dial: effect.dial, message: messageOf(error) });
      }
    });
  };

  return {
    dial,
    hangUp(number) {
      if (current?.dial === number) current.controller.abort();
    },
    post(effect) {
      const { dial: number, post } = effect;
      sendPost(effect, headers).then(
        (status) => tell({ type: "postAnswered", dial: number, post, status }),
        (error: unknown) =>
          tell({ type: "postFailed", dial: number, post, message: messageOf(error) }),
      );
    },
    close() {
      current?.controller.abort();
    },
  };
}

interface DialContext {
  readonly headers: Readonly<Record<string, string>>;
  readonly tell: (event: AgentEvent) => void;
  readonly signal: AbortSignal;
}

async function runDial(effect: EffectOf<"dial">, context: DialContext): Promise<void> {
  const { dial, url, hello } = effect;
  const { tell, signal } = context;
  const stream = await openRecordStream({
    method: "POST",
    url: `${url}${nodePaths.stream}`,
    headers: context.headers,
    body: JSON.stringify(hello),
    signal,
    timeoutMs: limits.masterHeadTimeoutMs,
    idleTimeoutMs: 0,
    recordBytesMax: limits.recordBytesMax,
  });
  if (stream.status === 200) {
    await readStream(dial, stream, context);
    return;
  }
  const text = await stream.text();
  const leader = leaderOf(stream, url);
  if (leader !== undefined) tell({ type: "dialRedirected", dial, url: leader });
  else {
    const message = `${url} answered ${stream.status}: ${text.slice(0, limits.refusalCharsMax)}`;
    tell({ type: "dialFailed", dial, message });
  }
}

async function readStream(dial: number, stream: RecordStream, context: DialContext): Promise<void> {
  const { tell, signal } = context;
  let message = "the stream ended";
  try {
    for await (const record of stream.records()) {
      if (signal.aborted) return;
      const envelope = parseMasterEnvelope(record);
      if (!envelope.ok) {
        message = `the master sent what is no message: ${envelope.error.message}`;
        break;
      }
      tell({ type: "masterMessage", dial, envelope: envelope.value });
    }
  } catch (error) {
    message = messageOf(error);
  }
  if (!signal.aborted) tell({ type: "masterClosed", dial, message });
}

async function sendPost(
  effect: EffectOf<"post">,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const response = await httpRequest({
    method: "POST",
    url: `${effect.url}${nodePaths.messages}`,
    headers: { ...headers, [nodeSessionHeader]: effect.sessionId },
    body: JSON.stringify(effect.body),
    timeoutMs: limits.masterHeadTimeoutMs,
  });
  await response.text();
  return response.status;
}

/** Scheme, host and port of a redirect; Mesos writes `//host:port/path`. */
function leaderOf(
  stream: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  url: string,
): string | undefined {
  const location = stream.headers["location"];
  if (stream.status !== 307 || location === undefined || !URL.canParse(location, url))
    return undefined;
  const target = new URL(location, url);
  return target.protocol === "http:" ? target.origin : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
