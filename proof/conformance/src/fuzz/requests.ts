import fc from "fast-check";
import { fromProtobuf, messages, parseJson, toProtobuf } from "@tutti/mesos-v1";
import type { MessageDescriptor } from "@tutti/mesos-v1";
import { recordedFiles, readRecorded } from "../recordings/exchanges.ts";
import { mutate, mutations } from "./mutations.ts";

/** A request that nobody would send in earnest. */
export interface OddRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"];

const mediaTypes = [
  "application/json",
  "application/x-protobuf",
  "application/recordio",
  "application/json; charset=utf-8",
  "application/x-www-form-urlencoded",
  "text/plain",
  "*/*",
  "application/*;q=0",
  ";",
  "a/b/c",
];

const oddHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc.dictionary(
  fc.constantFrom(
    "Accept",
    "Content-Type",
    "Content-Encoding",
    "Accept-Encoding",
    "Authorization",
    "Mesos-Stream-Id",
    "Tutti-Session",
    "Message-Accept",
    "Message-Content-Type",
    "Origin",
    "Range",
    "If-None-Match",
    "Cookie",
  ),
  fc.oneof(
    fc.constantFrom(...mediaTypes),
    fc.string({ unit: "grapheme-ascii", maxLength: 60 }).map((text) => text.trim()),
  ),
  { maxKeys: 5 },
);

const segments = fc.oneof(
  fc.constantFrom("master", "slave(1)", "api", "v1", "scheduler", "node", "state", "..", ".", ""),
  fc.string({ unit: "grapheme-ascii", maxLength: 10 }).map(encodeURIComponent),
  fc.constantFrom("%2e%2e", "%2F", "%00", "%", "%zz", "%c0%ae", "%ff"),
);

const queries = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...["path", "offset", "length", "jsonp", "limit", "order", "timeout", "level"],
      ...["slave_id", "framework_id", "task_id", "container_id", "constructor"],
    ),
    fc.oneof(
      fc.constantFrom(
        "",
        "0",
        "-1",
        "-2",
        "1e99",
        "99999999999999999999",
        "x",
        "asc",
        "cb",
        "1secs",
      ),
      fc.constantFrom("/", "..", "/../../etc/passwd", "/frameworks/../x", "\u0000", "/slave/log"),
      fc.string({ maxLength: 30 }),
    ),
  ),
  { maxLength: 4 },
);

/** A path of `known`, or one made up, with a query. */
function paths(known: readonly string[]): fc.Arbitrary<string> {
  const path = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...known) },
    {
      weight: 1,
      arbitrary: fc
        .array(segments, { maxLength: 5 })
        .map((parts) => `/${parts.filter((part) => part.isWellFormed()).join("/")}`),
    },
  );
  return fc.tuple(path, queries).map(([plain, query]) => {
    const text = query
      .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
      .join("&");
    return text === "" ? plain : `${plain}?${text}`;
  });
}

/** Anything at all, of bytes that are at least HTTP. */
export function anyRequest(known: readonly string[]): fc.Arbitrary<OddRequest> {
  return fc.record({
    method: fc.constantFrom(...methods),
    path: paths(known),
    headers: oddHeaders,
    body: fc.oneof(
      fc.constant(new Uint8Array(0)),
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
    ),
  });
}

/** Where a body is cut off: mostly nowhere. */
const rarely: fc.Arbitrary<number | null> = fc.oneof(
  { weight: 9, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.nat() },
);

/** A recorded call, as JSON. */
export interface RecordedCall {
  readonly path: string;
  readonly port: number;
  readonly body: object;
}

/** Every call that was recorded, of both daemons. */
export function recordedCalls(): readonly RecordedCall[] {
  const calls: RecordedCall[] = [];
  const scan = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { request } = value as { readonly request?: Partial<RecordedCall> };
    const { path = "", port = 5050, body } = request ?? {};
    if (path.startsWith("/api/v1") && typeof body === "object" && body !== null && "type" in body) {
      calls.push({ path, port, body });
    }
    for (const part of Object.values(value)) scan(part);
  };
  for (const file of recordedFiles()) if (file !== "raw_wire.json") scan(readRecorded(file));
  const known = new Set<string>();
  return calls.filter(({ path, port, body }) => {
    const text = `${port} ${path} ${JSON.stringify(body)}`;
    return known.has(text) ? false : known.add(text);
  });
}

/** A recorded call with a few changes, in JSON or in Protocol Buffers. */
export function changedCall(
  calls: readonly RecordedCall[],
  translate: (text: string) => string,
): fc.Arbitrary<OddRequest> {
  return fc
    .record({
      call: fc.constantFrom(...calls),
      changes: mutations,
      isBinary: fc.boolean(),
      cut: rarely,
      accept: fc.constantFrom("application/json", "application/x-protobuf"),
    })
    .map(({ call, changes, isBinary, cut, accept }) => {
      const changed = mutate(call.body, changes);
      const text = translate(JSON.stringify(changed));
      const binary = isBinary ? binaryOf(call, text) : undefined;
      const whole = binary ?? Buffer.from(text.toWellFormed());
      const body = cut === null ? whole : whole.subarray(0, cut % (whole.length + 1));
      const type = binary === undefined ? "application/json" : "application/x-protobuf";
      return {
        method: "POST",
        path: call.path,
        headers: { "Content-Type": type, Accept: accept },
        body,
      };
    });
}

/** A body of JSON with a few changes. */
export function changedBody(path: string, body: object): fc.Arbitrary<OddRequest> {
  return fc.tuple(mutations, rarely).map(([changes, cut]) => {
    const whole = Buffer.from(JSON.stringify(mutate(body, changes)).toWellFormed());
    return {
      method: "POST",
      path,
      headers: { "Content-Type": "application/json" },
      body: cut === null ? whole : whole.subarray(0, cut % (whole.length + 1)),
    };
  });
}

/** The same in Protocol Buffers; undefined: it is no message any more. */
function binaryOf({ path, port }: RecordedCall, text: string): Uint8Array | undefined {
  const descriptor: MessageDescriptor = path.endsWith("/scheduler")
    ? messages.SchedulerCall
    : path.endsWith("/executor")
      ? messages.ExecutorCall
      : port === 5051
        ? messages.AgentCall
        : messages.MasterCall;
  const parsed = parseJson(descriptor, text);
  if (!parsed.ok) return undefined;
  const bytes = toProtobuf(descriptor, parsed.value);
  return fromProtobuf(descriptor, bytes).ok ? bytes : undefined;
}
