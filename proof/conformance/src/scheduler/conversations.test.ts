import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedEntry } from "../recordings/exchanges.ts";
import { expectAsRecorded } from "../recordings/exceptions.ts";
import { filesOf } from "../recordings/suites.ts";
import { startCluster } from "../worlds/cluster.ts";
import type { Cluster } from "../worlds/cluster.ts";
import { Conversation } from "../worlds/conversation.ts";
import { OperatorWatch } from "../worlds/operator-watch.ts";

/** What is replayed of things this release has not: it is given up as soon as something is missing. */
const shortPatienceMs = 700;

const withReads = ["00_simple_for_operator_stream", "13_for_agent_reads"].map(fileOf);
const ofCommands = [
  "01_command_task",
  "02_kill",
  "03_decline_suppress_revive",
  "05_reconcile",
  "06_retry_unacked",
  "07_checks",
  "08_kill_escalation",
  "09_update_framework_and_teardown",
].map(fileOf);
/** Streams of operators, and the conversations that went on meanwhile. */
const ofLaterReleases: readonly (readonly [string, readonly string[]])[] = [
  ["operator_stream/through_ops.json", [fileOf("10_operations")]],
  [
    "operator_stream/through_pod.json",
    [fileOf("11_pod_launch_group"), fileOf("12_pod_task_fails")],
  ],
  ["operator_stream/through_operator_writes.json", [fileOf("15_inverse_offers")]],
  ["operator_stream/through_gone.json", [fileOf("16_agent_gone")]],
  ["operator_stream/through_env.json", [fileOf("20_env_and_fetch")]],
  ["operator_stream/through_streams.json", []],
  ["operator_stream/through_agent_failover.json", []],
];

/** Streams of operators, and whom their events are about; "": nobody. */
const watched: readonly (readonly [string, readonly string[]])[] = [
  ["operator_stream/subscribe_json.json", ["", "an agent", "simple", "t-op"]],
  ["operator_stream/through_drain.json", ["", "an agent"]],
  ["operator_stream/through_operator_stream.json", ["", "an agent", "simple", "t-op"]],
  ["operator_stream/through_agent_task.json", ["t-files"]],
];

function fileOf(name: string): string {
  return `scheduler/${name}.json`;
}

describe("recorded conversations, an operator looking on", () => {
  let cluster: Cluster;
  let watch: OperatorWatch;
  beforeAll(async () => {
    cluster = await startCluster({
      async beforeAgent(world) {
        watch = await OperatorWatch.open(world);
      },
    });
  });
  afterAll(async () => {
    watch.close();
    await cluster.end();
  });

  it.each(withReads)("[MST32] [MST60] [MST68] %s", async (file) => {
    const talk = await Conversation.open(cluster, file);
    expectAsRecorded(file, await talk.play(file));
    await talk.scheduler.call({ type: "TEARDOWN" });
  });

  it.each(watched)("[MST72] %s", async (file, subjects) => {
    expectAsRecorded(
      file,
      await watch.differencesOf(file, (subject) => subjects.includes(subject)),
    );
  });
});

describe("recorded conversations about commands", () => {
  let cluster: Cluster;
  let watch: OperatorWatch;
  let talk: Conversation;
  beforeAll(async () => {
    cluster = await startCluster();
    watch = await OperatorWatch.open(cluster);
    talk = await Conversation.open(cluster, fileOf("01_command_task"), {
      // An update is repeated after 10 s.
      patienceMs: 20_000,
    });
  });
  afterAll(async () => {
    watch.close();
    await cluster.end();
  });

  it.each(ofCommands)("[MST42] [MST44] [MST60] [MST61] [MST64] %s", async (file) => {
    expectAsRecorded(file, await talk.play(file, file.includes("/06_") ? onceRepeated : undefined));
  });

  it("[MST72] operator_stream/through_sched.json", async () => {
    const file = "operator_stream/through_sched.json";
    // The tasks a, b, … are those of the launches, which a test of their own replays.
    const isPlayed = (subject: string): boolean => /^(t-|cmd)/u.test(subject);
    expectAsRecorded(file, await watch.differencesOf(file, isPlayed));
  });

  it("[MST32] scheduler/14_resubscribe.json", async () => {
    const file = fileOf("14_resubscribe");
    const first = await Conversation.open(cluster, file);
    const differences = await first.play(file, (entries) =>
      entries.filter(({ dir }) => dir === "event"),
    );
    first.scheduler.leave();
    expectAsRecorded(file, differences);
  });
});

describe.each(ofLaterReleases)("what waits for later releases: %s", (stream, files) => {
  let cluster: Cluster;
  let watch: OperatorWatch;
  beforeAll(async () => {
    cluster = await startCluster({
      async beforeAgent(world) {
        watch = await OperatorWatch.open(world);
      },
    });
  });
  afterAll(async () => {
    watch.close();
    await cluster.end();
  });

  it("conversations and stream", async () => {
    const [first] = files;
    const talk =
      first === undefined
        ? undefined
        : await Conversation.open(cluster, first, { patienceMs: shortPatienceMs });
    for (const file of files) expectAsRecorded(file, (await talk?.play(file)) ?? []);
    expectAsRecorded(stream, await watch.differencesOf(stream, undefined, shortPatienceMs));
    await talk?.scheduler.call({ type: "TEARDOWN" });
  });
});

it("every recorded conversation and stream is replayed", () => {
  const elsewhere = [
    // Read and written again by the codecs' test, and over HTTP by the master's.
    "operator_stream/operator_subscribe_protobuf.json",
    // The step of wrong requests to both daemons: without an event.
    "operator_stream/through_errors.json",
  ];
  const here = [
    ...withReads,
    ...ofCommands,
    ...ofLaterReleases.flatMap(([stream, files]) => [stream, ...files]),
    fileOf("14_resubscribe"),
    ...watched.map(([file]) => file),
    "operator_stream/through_sched.json",
  ];
  expect([...here, ...elsewhere].toSorted()).toEqual(filesOf("conversations"));
});

/** Without the second repetition, which comes 20 s after the first. */
function onceRepeated(entries: readonly RecordedEntry[]): readonly RecordedEntry[] {
  const third = entries.filter(isStarting)[2];
  return entries.filter((entry) => entry !== third);
}

function isStarting({ dir, body }: RecordedEntry): boolean {
  return dir === "event" && JSON.stringify(body).includes('"TASK_STARTING"');
}
