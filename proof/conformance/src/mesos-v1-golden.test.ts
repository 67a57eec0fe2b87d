import { base64Decode, utf8Encode } from "@tutti/base";
import { codecFor, fromProtobuf, messages, parseJson, toJson, toProtobuf } from "@tutti/mesos-v1";
import type { MessageDescriptor } from "@tutti/mesos-v1";
import { describe, expect, test } from "vitest";
import { goldenFiles, goldenMessages, readGolden } from "./golden.ts";

const golden = goldenMessages();
const accepted = golden.filter(
  ({ direction, status }) => direction !== "call" || (status ?? 200) < 400,
);

describe("recorded messages", () => {
  test("there are enough of them", () => {
    expect(golden.length).toBeGreaterThan(500);
  });

  test("[MV7] what Mesos printed is printed again, value by value and in the same order", () => {
    for (const { descriptor, body, direction, file } of accepted) {
      if (direction === "call") continue;
      const printed = toJson(descriptor, read(descriptor, body));
      const known = withoutUnknown(descriptor, body);
      expect([file, printed]).toEqual([file, print(known, descriptor)]);
    }
  });

  test("[MV12] JSON to message to Protocol Buffers to message to JSON changes nothing", () => {
    for (const { descriptor, body } of accepted) {
      const message = read(descriptor, body);
      const back = fromProtobuf(descriptor, toProtobuf(descriptor, message));
      expect(back).toEqual({ ok: true, value: message });
    }
  });

  test("[MV7] the bytes of recorded streams are written again", () => {
    const wire = readGolden("raw_wire.json") as Record<string, { readonly received: string }>;
    const records = recordsOf(wire["scheduler_subscribe"]?.received ?? "");
    expect(records).toHaveLength(3);
    for (const record of records) {
      expect(toJson(messages.SchedulerEvent, read(messages.SchedulerEvent, record))).toBe(record);
    }
  });

  test("[MV13] recorded Protocol Buffers are read and written again, with a field of Mesos's own kept", () => {
    const stream = readGolden("operator_stream/operator_subscribe_protobuf.json") as {
      readonly base64: string;
    };
    const bytes = base64Decode(stream.base64) ?? new Uint8Array();
    const newline = bytes.indexOf(10);
    const length = Number(String.fromCharCode(...bytes.subarray(0, newline)));
    const record = bytes.subarray(newline + 1, newline + 1 + length);
    const event = fromProtobuf(messages.MasterEvent, record);
    expect(event).toMatchObject({ ok: true, value: { type: "SUBSCRIBED" } });
    const written = toProtobuf(messages.MasterEvent, event.ok ? event.value : {});
    expect(written.toSorted()).toEqual(record.toSorted());
    expect(fromProtobuf(messages.MasterEvent, written)).toEqual(event);
  });
});

describe("[MV1] recorded refusals", () => {
  const refusals = goldenFiles().filter((file) => /^(scheduler_)?errors\//.test(file));
  test.each(
    refusals.flatMap((file) => {
      const { request, response } = readGolden(file) as Refusal;
      const said = response?.body?.text ?? "";
      const parts =
        /^(?:Failed to (?:parse body into JSON|convert JSON into \S+ protobuf): )?(.*)$/s.exec(
          said,
        );
      const told = parts?.[1] ?? "";
      const ours =
        /^(Missing required|Not expecting|Failed to parse '|Failed to base64|Expecting a JSON|syntax)/;
      const path = request?.path ?? "";
      return response?.status === 400 && path.startsWith("/api/v1") && ours.test(told)
        ? [[file, request, told] as const]
        : [];
    }),
  )("%s", (file, request, told) => {
    const path = request?.path ?? "";
    const descriptor: MessageDescriptor = path.endsWith("scheduler")
      ? messages.SchedulerCall
      : path.endsWith("executor")
        ? messages.ExecutorCall
        : request?.port === 5051
          ? messages.AgentCall
          : messages.MasterCall;
    const sent = request?.body ?? "";
    const text =
      typeof sent === "string" && !file.endsWith("json_string.json") ? sent : JSON.stringify(sent);
    const parsed = codecFor("application/json")?.decode(descriptor, utf8Encode(text));
    expect(parsed).toMatchObject({ ok: false, error: { message: told } });
  });
});

interface Refusal {
  readonly request?: { readonly path?: string; readonly port?: number; readonly body?: unknown };
  readonly response?: { readonly status?: number; readonly body?: { readonly text?: string } };
}

function read(descriptor: MessageDescriptor, body: unknown): unknown {
  const parsed = parseJson(descriptor, body);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** The value without fields that the schema lacks, such as those of Mesos's unversioned API. */
function withoutUnknown(descriptor: MessageDescriptor, value: object): object {
  const known = Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    const field = descriptor.fieldByName.get(name);
    if (field === undefined) return [];
    if (field.kind !== "message") return [[name, part]];
    const { message } = field;
    const inner = (item: object): object => withoutUnknown(message, item);
    if (field.label === "repeated") return [[name, (part as readonly object[]).map(inner)]];
    if (field.label !== "map") return [[name, inner(part as object)]];
    return [
      [
        name,
        Object.fromEntries(
          Object.entries(part as Record<string, object>).map(([k, v]) => [k, inner(v)]),
        ),
      ],
    ];
  });
  return Object.fromEntries(known) as object;
}

/** JSON text of a recorded value, in its own order, numbers written as the schema's types demand. */
function print(value: object, descriptor: MessageDescriptor): string {
  const parts = Object.entries(value).map(([name, part]: [string, unknown]) => {
    const field = descriptor.fieldByName.get(name);
    const one = (item: unknown): string => {
      if (field?.kind === "message") return print(item as object, field.message);
      if (typeof item === "bigint") return String(item);
      const double =
        field?.kind === "scalar" && field.scalar === "double" && Number.isInteger(item);
      return double ? `${String(item)}.0` : JSON.stringify(item);
    };
    const text =
      field?.label === "repeated"
        ? `[${(part as readonly unknown[]).map(one).join(",")}]`
        : field?.label === "map"
          ? `{${Object.entries(part as object)
              .map(([key, item]) => `${JSON.stringify(key)}:${one(item)}`)
              .join(",")}}`
          : one(part);
    return `"${name}":${text}`;
  });
  return `{${parts.join(",")}}`;
}

/** The RecordIO records in the text of a chunked answer. */
function recordsOf(received: string): readonly string[] {
  return [...received.matchAll(/\r\n(\d+)\n/g)].map(({ 0: head, 1: length, index }) =>
    received.slice(index + head.length, index + head.length + Number(length)),
  );
}
