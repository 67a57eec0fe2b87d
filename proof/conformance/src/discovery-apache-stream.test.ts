import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { Follower, openDiscovery } from "@tutti/discovery";
import { eventFromProtobuf, eventFromWire, SharedTexts } from "@tutti/discovery/core";
import { encodeRecord, RecordDecoder, startHttpServer } from "@tutti/http";
import { messages, parseJson, protobufCodec } from "@tutti/mesos-v1";
import type { MasterEvent } from "@tutti/mesos-v1";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { afterEach, expect, test } from "vitest";
import { goldenFiles, readGolden } from "./golden.ts";

interface Recording {
  readonly base64?: string;
  readonly events?: readonly { readonly dir: string; readonly body: unknown }[];
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function recordedEvents(file: string): readonly unknown[] {
  const { events = [] } = readGolden(file) as Recording;
  return events.filter(({ dir }) => dir === "event").map(({ body }) => body);
}

function jsonOf(event: unknown): string {
  return JSON.stringify(event, (_key, value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  );
}

function protobufOf(event: unknown): Uint8Array {
  const read = parseJson<MasterEvent>(messages.MasterEvent, jsonOf(event));
  if (!read.ok) throw new Error(read.error.message);
  return protobufCodec.encode(messages.MasterEvent, read.value);
}

/** A master that answers as the recorded one did, event after event, and then stays silent. */
class RecordedMaster {
  readonly accepted: string[] = [];
  readonly #events: readonly unknown[];
  readonly #formats: readonly string[];
  readonly #server: Server;
  #stream: ServerResponse | undefined;
  #isProtobuf = false;
  #told = 0;

  constructor(file: string, formats: readonly string[]) {
    this.#events = recordedEvents(file);
    this.#formats = formats;
    this.#server = createServer((request, response) => {
      const accept = request.headers.accept ?? "";
      this.accepted.push(accept);
      if (!this.#formats.includes(accept)) {
        response.writeHead(406, { "Content-Type": "text/plain" }).end("Expecting 'Accept' …");
        return;
      }
      this.#isProtobuf = accept === "application/x-protobuf";
      this.#stream = response.writeHead(200, { "Content-Type": accept });
      this.tell(1);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  stop(): void {
    this.#stream?.destroy();
    this.#server.close();
  }

  /** Tells what came up to the first task that runs. */
  tellUntilOneRuns(): void {
    const runs = this.#events.findIndex((event) => /TASK_UPDATED.*RUNNING/.test(jsonOf(event)));
    this.tell(runs + 1 - this.#told);
  }

  /** Tells all that is left. */
  tellRest(): void {
    this.tell(this.#events.length - this.#told);
  }

  /** Tells the next events. */
  tell(count: number): void {
    for (const event of this.#events.slice(this.#told, this.#told + count))
      this.#stream?.write(encodeRecord(this.#isProtobuf ? protobufOf(event) : jsonOf(event)));
    this.#told += count;
  }
}

async function until(what: string, probe: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!probe()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await rest(2);
  }
}

test.each([
  ["application/x-protobuf", ["application/x-protobuf", "application/json"]],
  ["application/json", ["application/json"]],
])("[DSC1] [DSC7] a machine follows Apache Mesos by %s", async (format, formats) => {
  const master = new RecordedMaster("operator_stream/through_operator_stream.json", formats);
  cleanups.push(() => master.stop());
  const dir = mkdtempSync(join(tmpdir(), "tutti-recorded-"));
  cleanups.push(() => rmSync(dir, { recursive: true }));
  const fail = (error: unknown): void => {
    throw error;
  };
  const common = { secret: undefined, clock: systemClock, random: cryptoRandom };
  const discovery = await openDiscovery({
    ...{ ...common, address: "127.0.0.1", port: 0, masters: [await master.start()] },
    ...{ stateDir: dir, keptTable: () => Promise.resolve(undefined) },
    ...{ report: () => undefined, onFatal: fail },
  });
  cleanups.push(() => discovery.close());
  const server = await startHttpServer({
    ...{ host: "127.0.0.1", port: 0, routes: discovery.routes, onError: fail },
  });
  cleanups.push(() => server.close());
  const named = new Set<string>();
  const follower = await Follower.open({
    ...{ ...common, discoveries: [server.url], machine: "m1", file: join(dir, "table") },
    report: () => undefined,
    onChange: ({ put }) => {
      for (const fact of put) if (fact.kind === "task") named.add(fact.name);
    },
  });
  cleanups.push(() => follower.close());
  await until("the table", () => follower.facts.size > 0);
  master.tellUntilOneRuns();
  await until("the task has a name", () => named.has("t-op"));
  master.tellRest();
  await until("and has none any more", () =>
    [...follower.facts.values()].every(({ kind }) => kind !== "task"),
  );
  expect([...follower.facts.values()]).toContainEqual(
    expect.objectContaining({ kind: "agent", address: "127.0.0.1", port: 5051 }),
  );
  expect(master.accepted.at(-1)).toBe(format);
  expect(master.accepted).toHaveLength(formats.length === 2 ? 1 : 2);
});

const files = goldenFiles().filter((file) => /^operator_stream\/(through|subscribe)/.test(file));

test.each(files)("[DSC7] every event of %s says the same in Protocol Buffers", (file) => {
  const texts = new SharedTexts();
  for (const event of recordedEvents(file))
    expect(eventFromProtobuf(protobufOf(event), texts)).toEqual(eventFromWire(event));
});

test("[DSC7] bytes that Apache Mesos wrote are read", () => {
  const { base64 = "" } = readGolden(
    "operator_stream/operator_subscribe_protobuf.json",
  ) as Recording;
  const records = new RecordDecoder().push(Buffer.from(base64, "base64"));
  expect(records.ok).toBe(true);
  const events = (records.ok ? records.value : []).map((bytes) =>
    eventFromProtobuf(bytes, new SharedTexts()),
  );
  expect(events[0]).toMatchObject({
    type: "snapshot",
    agents: [{ hostname: "127.0.0.1", address: "127.0.0.1", port: 5051 }],
    tasks: [],
  });
});
