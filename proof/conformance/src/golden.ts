import { readdirSync, readFileSync } from "node:fs";
import { messages } from "@tutti/mesos-v1";
import type { MessageDescriptor } from "@tutti/mesos-v1";

const goldenRoot = new URL("../golden/mesos/", import.meta.url);

/** One message of a recorded exchange. */
export interface GoldenMessage {
  /** Folder and file, such as `scheduler/01_command_task.json`. */
  readonly file: string;
  readonly direction: "call" | "response" | "event";
  readonly descriptor: MessageDescriptor;
  /** The recorded value; whole numbers beyond 2^53 are `bigint`. */
  readonly body: object;
  /** Of a call: the status it was answered with. */
  readonly status: number | undefined;
}

interface Exchange {
  readonly request?: { readonly port?: number; readonly path?: string; readonly body?: unknown };
  readonly response?: { readonly status?: number; readonly body?: unknown };
  readonly events?: readonly { readonly dir?: string; readonly body?: unknown }[];
}

interface Dialect {
  readonly call: MessageDescriptor;
  readonly event: MessageDescriptor;
  readonly response: MessageDescriptor;
}

/** Every message of the Mesos v1 API in the recorded exchanges. */
export function goldenMessages(): readonly GoldenMessage[] {
  const found: GoldenMessage[] = [];
  for (const file of goldenFiles()) scan(file, readGolden(file), found);
  return found;
}

/** Folder and name of every recorded file. */
export function goldenFiles(): readonly string[] {
  const folders = readdirSync(goldenRoot, { withFileTypes: true });
  return folders
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(new URL(`${entry.name}/`, goldenRoot)).map((name) => `${entry.name}/${name}`)
        : [entry.name],
    )
    .toSorted();
}

/** One recorded file; whole numbers beyond 2^53 are `bigint`. */
export function readGolden(file: string): unknown {
  const text = readFileSync(new URL(file, goldenRoot), "utf8");
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => unknown;
  return parse(text, (_, value, { source = "" }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value,
  );
}

function scan(file: string, value: unknown, found: GoldenMessage[]): void {
  if (typeof value !== "object" || value === null) return;
  const exchange = value as Exchange;
  const isExchange = exchange.request !== undefined && (exchange.response ?? exchange.events);
  if (isExchange) collect(file, exchange, found);
  for (const [key, part] of Object.entries(value)) {
    if (!isExchange || key === "events") scan(file, part, found);
  }
}

function collect(
  file: string,
  { request, response, events = [] }: Exchange,
  found: GoldenMessage[],
): void {
  const dialect = dialectOf(request?.path ?? "", request?.port ?? 5050);
  if (dialect === undefined) return;
  const status = response?.status;
  add(request?.body, "call", dialect.call);
  add(jsonOf(response?.body), "response", dialect.response);
  for (const event of events) if (event.dir === "event") add(event.body, "event", dialect.event);

  function add(
    body: unknown,
    direction: GoldenMessage["direction"],
    descriptor: MessageDescriptor,
  ): void {
    if (typeof body === "object" && body !== null && "type" in body) {
      found.push({ file, direction, descriptor, body, status });
    }
  }
}

function jsonOf(body: unknown): unknown {
  return typeof body === "object" && body !== null && "json" in body ? body.json : body;
}

function dialectOf(path: string, port: number): Dialect | undefined {
  if (path.startsWith("/api/v1/scheduler")) {
    const { SchedulerCall: call, SchedulerEvent: event, SchedulerResponse: response } = messages;
    return { call, event, response };
  }
  if (path.startsWith("/api/v1/executor")) {
    const { ExecutorCall: call, ExecutorEvent: event } = messages;
    return { call, event, response: call };
  }
  if (!path.startsWith("/api/v1")) return undefined;
  if (port === 5051) {
    const { AgentCall: call, AgentProcessIO: event, AgentResponse: response } = messages;
    return { call, event, response };
  }
  const { MasterCall: call, MasterEvent: event, MasterResponse: response } = messages;
  return { call, event, response };
}
