import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandTask, framework } from "../core/testing/tasks.ts";
import { startFixture, until } from "./testing/agent-fixture.ts";
import type { AgentFixture } from "./testing/agent-fixture.ts";

/** One exchange with an agent of Apache Mesos 1.12. */
interface Recorded {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly contentType: string | null;
    readonly text?: string;
    readonly base64?: string;
    readonly json?: unknown;
  };
}

function recorded(file: string): readonly Recorded[] {
  const url = new URL(`../../golden/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as readonly Recorded[];
}

let fixture: AgentFixture;

beforeAll(async () => {
  fixture = await startFixture();
  const { master } = fixture.peer;
  const labels = { labels: [{ key: "a", value: "b" }] };
  const run = async (taskId: string, value: string, last: string): Promise<void> => {
    const id = { value: taskId === "t-op" ? "f0" : "f1" };
    master.launch({ ...framework, id }, commandTask(taskId, { command: { value }, labels }));
    await until(() => master.statesOf(taskId).at(-1) === last, `${taskId} is ${last}`);
  };
  await run("t-op", "true", "TASK_FINISHED");
  await run("t-files", "sleep 1000", "TASK_RUNNING");
});

afterAll(async () => {
  await fixture.close();
});

async function replay({ name, request }: Recorded): Promise<Response> {
  const { body } = request;
  const binary =
    typeof body === "object" && body !== null && "base64" in body ? String(body.base64) : undefined;
  // Of this one the recording keeps the value, of all others that are text the text.
  const isText = typeof body === "string" && name !== "agent_json_string";
  const text = isText ? body : JSON.stringify(body);
  const sent = binary === undefined ? text : Buffer.from(binary, "base64");
  // A string here has a media type of its own, bytes have none: some recordings are about that.
  return fetch(`${fixture.agent.url}${request.path}`, {
    method: request.method,
    headers: request.headers,
    ...(body === null ? {} : { body: typeof sent === "string" ? Buffer.from(sent) : sent }),
  });
}

/** Where ours is to differ from Mesos, and why. */
const different: Readonly<Record<string, { readonly status: number; readonly why: string }>> = {
  agent_ATTACH_CONTAINER_INPUT_top: { status: 401, why: "what is no reading needs the secret" },
  agent_ATTACH_CONTAINER_OUTPUT_nested: { status: 401, why: "no nested containers" },
  agent_KILL_CONTAINER_top: { status: 401, why: "no standalone containers" },
  agent_KILL_NESTED_CONTAINER_nested: { status: 401, why: "no nested containers" },
  agent_LAUNCH_NESTED_CONTAINER_nested: { status: 401, why: "no nested containers" },
  agent_LAUNCH_NESTED_CONTAINER_top: { status: 401, why: "no nested containers" },
  agent_PRUNE_IMAGES_top: { status: 401, why: "no images" },
  agent_REMOVE_NESTED_CONTAINER_nested: { status: 401, why: "no nested containers" },
  agent_WAIT_CONTAINER_top: { status: 401, why: "no standalone containers" },
  agent_WAIT_NESTED_CONTAINER_nested: { status: 401, why: "no nested containers" },
  agent_set_logging: { status: 401, why: "a write" },
  agent_set_logging_9: { status: 401, why: "a write" },
  agent_bad_executor_api: { status: 401, why: "no custom executors" },
  agent_executor_bad_ids: { status: 401, why: "no custom executors" },
  agent_content_type_charset: { status: 200, why: "a charset parameter is accepted" },
};

/** Texts that name a value of the moment. */
const freeTexts = new Set(["agent_metrics_bad_timeout", "agent_protobuf_GET_VERSION"]);

describe("wrong and odd requests", () => {
  it.each(recorded("errors").map((exchange) => [exchange.name, exchange] as const))(
    "[AGT33] %s",
    async (name, exchange) => {
      const response = await replay(exchange);
      const text = await response.text();
      const exception = different[name];
      expect(response.status).toBe(exception?.status ?? exchange.response.status);
      if (exception !== undefined || exchange.response.text === undefined || freeTexts.has(name))
        return;
      if (exchange.response.contentType === "application/x-protobuf") return;
      expect(text).toBe(exchange.response.text);
    },
  );
});

/** Every place of a value, with the type of what is there; lists are of one kind. */
function placesOf(
  value: unknown,
  at = "",
  places = new Map<string, string>(),
): Map<string, string> {
  if (Array.isArray(value)) {
    places.set(at, "list");
    for (const item of value) placesOf(item, `${at}[]`, places);
  } else if (typeof value === "object" && value !== null) {
    places.set(at, "object");
    for (const [key, item] of Object.entries(value)) placesOf(item, `${at}.${key}`, places);
  } else places.set(at, typeof value);
  return places;
}

/** Of Mesos's alone: things this agent has not, each with its reason. */
const absent: readonly (readonly [RegExp, string])[] = [
  [/\.flags?\b/, "flags are our own"],
  [/\.(zone|rack)$/, "attributes of the machine"],
  [/executor_info\.resources/, "executors of command tasks take nothing"],
  [/executor_info\.command\.arguments/, "the command is the task's, there is no executor program"],
];

/** Ours alone. */
const additional: readonly RegExp[] = [
  /\.flags?\b/,
  /\.public_ip$/,
  /\.rack$/,
  /statistics\.cpus_limit$/,
  /container_status\.network_infos/,
  /\.status\.network_infos/,
  /\.labels/,
];

describe("answers while a task runs", () => {
  it.each(recorded("running").map((exchange) => [exchange.name, exchange] as const))(
    "[AGT30] %s has the places and types of Mesos's",
    async (name, exchange) => {
      const response = await replay(exchange);
      expect([response.status, response.headers.get("content-type")]).toEqual([
        exchange.response.status,
        exchange.response.contentType,
      ]);
      const ours = placesOf(await response.json());
      const theirs = placesOf(exchange.response.json);
      if (name.toLowerCase().includes("metrics")) return;
      const lacking = [...theirs].filter(
        ([place, type]) =>
          ours.get(place) !== type && !absent.some(([pattern]) => pattern.test(place)),
      );
      const surplus = [...ours.keys()].filter(
        (place) => !theirs.has(place) && !additional.some((pattern) => pattern.test(place)),
      );
      expect({ lacking, surplus }).toEqual({ lacking: [], surplus: [] });
    },
  );

  it("[AGT31] metrics are a selection of Mesos's, under the same names", async () => {
    const exchange = recorded("running").find(({ name }) => name === "GET_metrics_snapshot");
    const theirs = exchange?.response.json as Readonly<Record<string, number>>;
    const response = await fetch(`${fixture.agent.url}/metrics/snapshot`);
    const ours = (await response.json()) as Readonly<Record<string, number>>;
    expect(Object.keys(ours).filter((name) => !(name in theirs))).toEqual([]);
    expect(Object.keys(ours).length).toBeGreaterThan(35);
  });
});
