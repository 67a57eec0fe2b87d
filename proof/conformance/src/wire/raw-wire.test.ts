import { afterAll, beforeAll, describe, it } from "vitest";
import { readRecorded } from "../recordings/exchanges.ts";
import { expectAsRecorded } from "../recordings/exceptions.ts";
import { differencesOf, shapeOf } from "../recordings/shape.ts";
import type { ShapeRules } from "../recordings/shape.ts";
import { startCluster } from "../worlds/cluster.ts";
import type { Cluster } from "../worlds/cluster.ts";
import { exchangeBytes, parseAnswers } from "./raw-exchange.ts";
import type { RawAnswer, RawOutcome } from "./raw-exchange.ts";

interface Recorded {
  readonly sent: string;
  readonly received: string;
  readonly closed_by_server: boolean;
}

const recorded = readRecorded("raw_wire.json") as Readonly<Record<string, Recorded>>;

/** Of one connection only, or of the moment; what ours may say in addition. */
const uncompared = new Set(["date", "connection", "keep-alive", "vary", "mesos-stream-id"]);

const shapes: ShapeRules = {
  mayHave: [/frameworks\[\]\.pid$/],
  mayLack: [/\.agent_info\.checkpoint$/, /frameworks\[\]$/],
  dictionaries: [],
};

describe("[MST91] [HTP4] bytes on the wire, as recorded", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ open: true });
  });
  afterAll(() => cluster.end());

  it.each(Object.keys(recorded))("raw_wire.json#%s", async (name) => {
    const { sent, received, closed_by_server } = recorded[name] as Recorded;
    const url = name.startsWith("agent_state") ? cluster.agent.url : cluster.master.url;
    // `x` is no name of this server.
    const ours = await exchangeBytes(
      Number(new URL(url).port),
      sent.replaceAll("Host: x\r\n", "Host: 127.0.0.1\r\n"),
    );
    const theirs = { answers: parseAnswers(received), closedByServer: closed_by_server };
    expectAsRecorded(`raw_wire.json#${name}`, differencesOfOutcome(ours, theirs));
  });
});

function differencesOfOutcome(ours: RawOutcome, theirs: RawOutcome): string[] {
  const found: string[] = [];
  if (ours.closedByServer !== theirs.closedByServer) {
    found.push(`closed by the server: ${ours.closedByServer}`);
  }
  if (ours.answers.length !== theirs.answers.length) {
    found.push(`${ours.answers.length} answers instead of ${theirs.answers.length}`);
  }
  for (const [index, answer] of theirs.answers.entries()) {
    const mine = ours.answers[index];
    if (mine !== undefined) found.push(...differencesOfAnswers(mine, answer));
  }
  return found;
}

function differencesOfAnswers(ours: RawAnswer, theirs: RawAnswer): string[] {
  if (ours.status !== theirs.status || ours.reason !== theirs.reason) {
    return [`${ours.status} ${ours.reason} instead of ${theirs.status} ${theirs.reason}`];
  }
  const found: string[] = [];
  for (const name of new Set([...ours.headers.keys(), ...theirs.headers.keys()])) {
    const [mine, then] = [ours.headers.get(name), theirs.headers.get(name)];
    if (name === "content-length" ? (mine === undefined) === (then === undefined) : mine === then)
      continue;
    if (!uncompared.has(name)) found.push(`${name}: ${mine} instead of ${then}`);
  }
  for (const name of ["date", "mesos-stream-id"]) {
    if (theirs.headers.has(name) && !ours.headers.has(name)) found.push(`no ${name}`);
  }
  found.push(...differencesOfLength(ours));
  return [...found, ...differencesOfBodies(ours, theirs)];
}

/** The announced length is that of the body, and a chunk is one record. */
function differencesOfLength(answer: RawAnswer): string[] {
  if (!answer.isChunked) return [];
  return answer.chunks.flatMap((chunk) => {
    const newline = chunk.indexOf("\n");
    const length = Number(chunk.slice(0, newline));
    return chunk.length === newline + 1 + length ? [] : [`a chunk is no record: ${chunk}`];
  });
}

function differencesOfBodies(ours: RawAnswer, theirs: RawAnswer): string[] {
  if (theirs.isChunked) {
    const typesOf = (answer: RawAnswer): (string | undefined)[] =>
      answer.chunks.map((chunk) => /"type":"(\w+)"/u.exec(chunk)?.[1]);
    const [mine, then] = [typesOf(ours), typesOf(theirs)];
    // The recording of a stream ends somewhere, and may have begun with a record longer than that.
    const isSame = then.every((type, index) => mine[index] === type);
    return isSame ? [] : [`records ${mine.join()} instead of ${then.join()}`];
  }
  const [mine = "", then = ""] = [ours.chunks[0], theirs.chunks[0]];
  if (theirs.headers.get("content-type") !== "application/json" || mine === "" || then === "") {
    return mine === then ? [] : [`text '${mine}' instead of '${then}'`];
  }
  const isCut = then.length < Number(theirs.headers.get("content-length"));
  if (isCut) return [];
  return differencesOf(shapeOf(JSON.parse(mine)), shapeOf(JSON.parse(then)), shapes);
}
