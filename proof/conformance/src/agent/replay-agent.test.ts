import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differencesOfAnswer } from "../recordings/compare.ts";
import type { CompareOptions } from "../recordings/compare.ts";
import { readExchange, readRecorded, translate } from "../recordings/exchanges.ts";
import type { GoldenExchange } from "../recordings/exchanges.ts";
import { expectAsRecorded } from "../recordings/exceptions.ts";
import type { ShapeRules } from "../recordings/shape.ts";
import { filesOf } from "../recordings/suites.ts";
import type { SuiteName } from "../recordings/suites.ts";
import { startCluster } from "../worlds/cluster.ts";
import type { Cluster } from "../worlds/cluster.ts";
import { Conversation } from "../worlds/conversation.ts";
import { eventually, TestScheduler } from "../worlds/http-world.ts";

const shapes: ShapeRules = {
  mayHave: [
    /frameworks\[\]\.pid$/,
    // Mesos's isolators that hold containers to their cpus and give them a network say these.
    /\.cpus_limit$/,
    /status\.network_infos$/,
  ],
  mayLack: [
    // A command task has no executor process that would take anything.
    /executor_info\.resources$/,
    /executor_info\.command\.arguments$/,
  ],
  dictionaries: [],
};

/** Paths are the names of its answer. */
const debugShapes: ShapeRules = { ...shapes, dictionaries: [/^$/] };
const isDebug = /files_debug|files\/debug/;

const simple = "scheduler/00_simple_for_operator_stream.json";
const reads = "scheduler/13_for_agent_reads.json";

let cluster: Cluster;
let talk: Conversation;
/** Ids and paths of the recording, and what stands for them here. */
let ids: (readonly [string, string])[];

beforeAll(async () => {
  cluster = await startCluster();
  const first = await Conversation.open(cluster, simple);
  expect(await first.play(simple)).toEqual([]);
  talk = await Conversation.open(cluster, reads, { ids: first.ids });
  // Up to where the task runs; then what the recording calls with a message and the end.
  expect(await talk.play(reads, (entries) => entries.slice(0, -8))).toEqual([]);
  ids = [...talk.ids, ...(await pathIds())].toSorted(([a], [b]) => b.length - a.length);
});

afterAll(() => cluster.end());

async function pathIds(): Promise<(readonly [string, string])[]> {
  const { text } = await cluster.sendAgent({ method: "GET", path: "/containers" });
  const [container] = JSON.parse(text) as readonly { readonly container_id: string }[];
  const { path } = readExchange("files/browse.json").request;
  const run = /runs\/([0-9a-f-]{36})/u.exec(path)?.[1] ?? "";
  return [
    [run, container?.container_id ?? ""],
    ["/var/lib/mesos/agent", `${cluster.agentDir}/work`],
    ["127.0.0.1:5051", new URL(cluster.agent.url).host],
  ];
}

/** Texts that depend on libraries of the original. */
const isFreeText = (text: string): boolean => text.includes("syntax error at line");

async function compare(file: string, options: CompareOptions): Promise<void> {
  const exchange = translate(readExchange(file), ids);
  expectAsRecorded(file, differencesOfAnswer(exchange, await cluster.replay(exchange), options));
}

function filesIn(suite: SuiteName, folder: string): readonly string[] {
  return filesOf(suite).filter((file) => file.startsWith(`${folder}/`));
}

describe("while a task runs", () => {
  it.each([
    ...filesIn("agent reads", "agent_running"),
    ...filesIn("agent reads", "agent_with_pod"),
    ...filesIn("agent reads", "operator_writes"),
  ])("[AGT30] [AGT31] [AGT33] %s", async (file) => {
    await compare(file, { shapes: isDebug.test(file) ? debugShapes : shapes });
  });

  it.each(filesOf("agent errors"))("[AGT33] %s", async (file) => {
    await compare(file, { isFreeText });
  });

  it.each(filesIn("files", "files"))("[AGT32] %s", async (file) => {
    await compare(file, { shapes: isDebug.test(file) ? debugShapes : shapes });
  });
});

describe("after it has ended", () => {
  beforeAll(async () => {
    expect(await talk.play(reads, (entries) => entries.slice(-8))).toEqual([]);
    // One of the recorded calls raised the level of logging for a second.
    await eventually("the level of logging falls back", async () => {
      const { text } = await cluster.sendAgent({ method: "GET", path: "/logging/toggle" });
      return text === "0\n" ? true : undefined;
    });
  });

  it.each(filesIn("agent reads", "agent_after_task"))(
    "[AGT30] [AGT31] [AGT33] %s",
    async (file) => {
      await compare(file, { shapes: isDebug.test(file) ? debugShapes : shapes });
    },
  );

  it.each([
    ...filesIn("files", "env"),
    ...filesIn("files", "agent_nested"),
    ...filesIn("files", "state_with_volume"),
  ])("[AGT15] [AGT33] %s", async (file) => {
    if ((readRecorded(file) as Partial<GoldenExchange>).request === undefined) {
      expectAsRecorded(file, ["what an executor has noted: there is none to compare"]);
      return;
    }
    await compare(file, { shapes });
  });
});

describe("what aborts the original", () => {
  it("[AGT33] removing a container that is not there is refused, the process lives on", async () => {
    const exchange = readExchange("crash/agent_REMOVE_CONTAINER_top.json");
    expect((await cluster.replay(exchange)).status).toBe(501);
    expect((await cluster.sendAgent({ method: "GET", path: "/health" })).status).toBe(200);
  });
});

describe("the environment of a command task", () => {
  beforeAll(() => talk.scheduler.call({ type: "TEARDOWN" }));

  it("[AGT18] has the names that were recorded, but for those of the files it fetched", async () => {
    const recorded = readExchange("env/command_task_stdout.json").response.body?.text ?? "";
    const theirs = namesOf(recorded.slice(0, recorded.indexOf("---")));
    const run = await runTask("env | sort; echo ---");
    expect(namesOf(run.slice(0, run.indexOf("---")))).toEqual(
      theirs.filter((name) => name !== "FOO" && !/^(GLOG|LD)_/u.test(name)),
    );
  });
});

function namesOf(environment: string): string[] {
  return environment
    .split("\n")
    .flatMap((line) => /^(\w+)=/u.exec(line)?.[1] ?? [])
    .toSorted();
}

/** What a command has written to its standard output. */
async function runTask(value: string): Promise<string> {
  const scheduler = await TestScheduler.subscribe(cluster, { name: "env" });
  const offer = (await scheduler.event((event) => event.offers?.offers))[0];
  await scheduler.call({
    type: "ACCEPT",
    accept: {
      offer_ids: offer === undefined ? [] : [offer.id],
      operations: [
        {
          type: "LAUNCH",
          launch: {
            task_infos: [
              {
                name: "env",
                task_id: { value: "env" },
                agent_id: offer?.agent_id ?? { value: "" },
                resources: [
                  { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
                  { name: "mem", type: "SCALAR", scalar: { value: 32 } },
                ],
                command: { value },
              },
            ],
          },
        },
      ],
    },
  });
  const id = await scheduler.frameworkId();
  const text = await eventually("its output", async () => {
    const answer = await cluster.sendAgent({
      method: "GET",
      path: `/files/download?path=/frameworks/${id}/executors/env/runs/latest/stdout`,
    });
    return answer.text.includes("---") ? answer.text : undefined;
  });
  await scheduler.call({ type: "TEARDOWN" });
  return text;
}
