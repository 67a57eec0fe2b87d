import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCancellation, utf8Decode, utf8Encode } from "@tutti/base";
import { openSqliteCoordination, type Coordination } from "@tutti/coordination";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MarathonEntry } from "../core/index.ts";
import { electionName, RecordWriter } from "./record-writer.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tutti-change-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Runs `act` with the database open and led; `writesMax` atomic writes succeed, the next one throws. */
async function led<T>(
  writesMax: number,
  act: (writer: RecordWriter, coordination: Coordination) => Promise<T>,
): Promise<T> {
  const coordination = openSqliteCoordination({ file: join(dir, "m.db") });
  const leadership = await coordination.elect(
    electionName,
    new Uint8Array(),
    createCancellation().cancellation,
  );
  let left = writesMax;
  const mortal: Coordination = {
    ...bound(coordination),
    write: (election, epoch, writes) => {
      left -= 1;
      if (left < 0) throw new Error("crashed");
      return coordination.write(election, epoch, writes);
    },
  };
  try {
    return await act(new RecordWriter(mortal, leadership), coordination);
  } finally {
    await leadership.resign();
    await coordination.close();
  }
}

function bound(c: Coordination): Coordination {
  return {
    elect: (...a) => c.elect(...a),
    leader: (...a) => c.leader(...a),
    write: (...a) => c.write(...a),
    read: (...a) => c.read(...a),
    list: (...a) => c.list(...a),
    watch: (...a) => c.watch(...a),
    close: () => c.close(),
  };
}

const before: readonly MarathonEntry[] = [
  { type: "put", path: "marathon/apps/old", value: utf8Encode("old\nstate") },
];

/** 30 apps of 50 kB and the removal of the old one: about 1.5 MB, more than three atomic writes. */
const change: readonly MarathonEntry[] = [
  { type: "delete", path: "marathon/apps/old" },
  ...Array.from({ length: 30 }, (_, i): MarathonEntry => ({
    type: "put",
    path: `marathon/apps/app-${String(i).padStart(2, "0")}`,
    value: utf8Encode(`{"i":${i}}\n`.repeat(5_000)),
  })),
];

async function stateOf(coordination: Coordination): Promise<Readonly<Record<string, string>>> {
  const records = await coordination.list("marathon/");
  return Object.fromEntries(records.map(({ path, value }) => [path, utf8Decode(value)]));
}

describe("a change larger than one atomic write", () => {
  it("[MAR37] is there whole or not at all, wherever the process dies, and leaves nothing beside it", async () => {
    const wholeChange = Object.fromEntries(
      change.flatMap((e) => (e.type === "put" ? [[e.path, utf8Decode(e.value)]] : [])),
    );
    const outcomes = new Set<string>();
    for (let survived = 0; ; survived++) {
      await led(1_000, (writer) => writer.write(before));
      const finished = await led(survived, (writer) =>
        writer.write(change).then(
          () => true,
          () => false,
        ),
      );
      const state = await led(1_000, async (writer, coordination) => {
        await writer.recover();
        expect(await coordination.list("marathon-change/")).toEqual([]);
        return stateOf(coordination);
      });
      const isWhole = Object.keys(state).length === change.length - 1;
      expect(state).toEqual(isWhole ? wholeChange : { "marathon/apps/old": "old\nstate" });
      outcomes.add(isWhole ? "whole" : "nothing");
      if (finished) break;
      rmSync(dir, { recursive: true, force: true });
      dir = mkdtempSync(join(tmpdir(), "tutti-change-"));
    }
    expect(outcomes).toEqual(new Set(["nothing", "whole"]));
  });
});
