import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DiscoveryRecord, Fact } from "@tutti/discovery-v1";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FollowerTable } from "../core/follower-table.ts";
import { limits } from "./limits.ts";
import { readTable, writeTable } from "./table-file.ts";
import { TableJournal } from "./table-journal.ts";

let dir: string;
let file: string;
const reports: string[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tutti-journal-"));
  file = join(dir, "table");
  reports.length = 0;
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

const framework = (number: number): Fact => ({
  kind: "framework",
  id: `F${number}`,
  name: `f${number}`,
  active: true,
});

/** A machine's table with its files, of which a copy is what a process that is killed leaves. */
class Machine {
  readonly table = new FollowerTable();
  journal: TableJournal;

  constructor() {
    this.table.restore("l", { epoch: 1, sequence: 0 }, []);
    this.journal = new TableJournal(file, (line) => reports.push(line));
  }

  /** `epoch`: of another discovery, which goes on from this table. */
  change(number: number, isSnapshot = false, epoch = this.table.version?.epoch ?? 1): void {
    const { version: since } = this.table;
    const sequence = epoch === since?.epoch ? since.sequence + 1 : 1;
    const isThere = this.table.facts.has(`framework/F${number}`);
    const record: DiscoveryRecord = {
      type: "change",
      version: { epoch, sequence },
      ...(since === undefined || epoch === since.epoch ? {} : { since }),
      remove: isThere ? [`framework/F${number}`] : [],
      put: isThere ? [] : [framework(number)],
    };
    expect(this.table.take(record).type).toBe("changed");
    this.journal.add(isSnapshot ? undefined : JSON.stringify(record), "l");
  }

  async write(meanwhile: () => void = () => undefined): Promise<void> {
    const { lineage = "", version = { epoch: 0, sequence: 0 }, facts } = this.table;
    this.journal.begin();
    const written = writeTable(file, {
      lineage,
      version,
      heardWallMs: 1_700_000_000_000,
      facts: [...facts.values()],
    });
    meanwhile();
    await written;
    this.journal.end(lineage);
  }

  async expectKept(): Promise<void> {
    const kept = await readTable(file);
    expect(kept?.version).toEqual(this.table.version);
    expect(new Set(kept?.facts.map((fact) => JSON.stringify(fact)))).toEqual(
      new Set([...this.table.facts.values()].map((fact) => JSON.stringify(fact))),
    );
  }
}

describe("[DSC50] changes since the kept table", () => {
  it("are in the file with each change, whatever is written meanwhile and however often it begins anew", async () => {
    const step = fc.oneof(
      fc.record({ change: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ write: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }) }),
      fc.constant("begins anew" as const),
      fc.constant("another discovery" as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        rmSync(file, { force: true });
        rmSync(`${file}.changes`, { force: true });
        const machine = new Machine();
        await machine.write();
        for (const one of steps) {
          if (one === "begins anew") machine.journal = new TableJournal(file, () => undefined);
          else if (one === "another discovery")
            machine.change(6, false, (machine.table.version?.epoch ?? 1) + 1);
          else if ("change" in one) machine.change(one.change);
          else
            await machine.write(() => {
              for (const number of one.write) machine.change(number);
            });
          await machine.expectKept();
        }
      }),
      { numRuns: 40 },
    );
    expect(reports).toEqual([]);
  });

  it("of the table before are passed over by who is killed between the table and its changes", async () => {
    const machine = new Machine();
    await machine.write();
    for (const number of [1, 2, 1]) machine.change(number);
    copyFileSync(`${file}.changes`, `${file}.old`);
    await machine.write();
    expect(existsSync(`${file}.changes`)).toBe(false);
    copyFileSync(`${file}.old`, `${file}.changes`);
    await machine.expectKept();
  });

  it("end where the last line is not whole", async () => {
    const machine = new Machine();
    await machine.write();
    machine.change(1);
    const whole = readFileSync(`${file}.changes`, "utf8");
    machine.change(2);
    const text = readFileSync(`${file}.changes`, "utf8");
    for (const length of [whole.length, whole.length + 1, text.length - 1]) {
      writeFileSync(`${file}.changes`, text.slice(0, length));
      expect((await readTable(file))?.version).toEqual({ epoch: 1, sequence: 1 });
      // Who begins anew goes on from there.
      const next = new Machine();
      next.change(1);
      next.change(3);
      await next.expectKept();
    }
  });

  it("are read past those that the table has, also of another discovery's time", async () => {
    const machine = new Machine();
    await machine.write();
    for (const number of [1, 2]) machine.change(number);
    const old = readFileSync(`${file}.changes`, "utf8");
    machine.change(3, false, 2);
    const last = readFileSync(`${file}.changes`, "utf8").slice(old.length);
    await machine.write();
    for (const number of [4, 1]) machine.change(number);
    const [, ...lines] = readFileSync(`${file}.changes`, "utf8").split("\n");
    // As it stands while one file has been replaced and the other has not.
    writeFileSync(`${file}.changes`, `${old}${last}${lines.join("\n")}`);
    await machine.expectKept();
  });

  it("of another lineage are nothing", async () => {
    const machine = new Machine();
    await machine.write();
    for (const number of [1, 2]) machine.change(number);
    const facts = [framework(9)];
    const version = { epoch: 1, sequence: 1 };
    await writeTable(file, { lineage: "other", version, heardWallMs: 1, facts });
    expect(await readTable(file)).toMatchObject({ lineage: "other", version, facts });
  });

  it("stop at one that has no such form, and go on with the next table", async () => {
    const machine = new Machine();
    await machine.write();
    machine.change(1);
    machine.change(2, true);
    machine.change(3);
    expect((await readTable(file))?.version).toEqual({ epoch: 1, sequence: 1 });
    await machine.write();
    machine.change(4);
    await machine.expectKept();
    // One that comes while the table is written is missing after it.
    await machine.write(() => machine.change(5, true));
    machine.change(6);
    expect((await readTable(file))?.version).toEqual({ epoch: 1, sequence: 4 });
    await machine.write();
    await machine.expectKept();
  });

  it("are bounded, and told of once when they cannot be written", async () => {
    const machine = new Machine();
    await machine.write();
    machine.journal.add("x".repeat(limits.journalBytesMax), "l");
    expect(existsSync(`${file}.changes`)).toBe(false);
    await machine.write();
    rmSync(dir, { recursive: true });
    machine.change(1);
    machine.change(2);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain("changes of the table are not kept");
    dir = mkdtempSync(join(tmpdir(), "tutti-journal-"));
  });
});
