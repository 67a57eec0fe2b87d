import { shapeOf, tableFamilyOf } from "../core/index.ts";
import type { Dataplane, Family } from "../core/index.ts";
import { textOf } from "./listing.ts";
import type { ToolShell } from "./tool-shell.ts";

/** Tables of one name. */
export interface Tables {
  readonly tableName: string;
  readonly families: readonly Family[];
}

/** What nft prints of one table without elements: lines by chain, set or map; those of none under `""`. */
export type TableBlocks = ReadonlyMap<string, readonly string[]>;

/** What was read of the tables at one moment; undefined for one that is not there. */
export type TableTexts = ReadonlyMap<Family, TableBlocks | undefined>;

/**
 * What the kernel says of our tables once we have made them: hooks, priorities, policies, every rule, the type of every
 * set. It is read back and not foretold, because each nft has words of its own for it. Each block is remembered when it
 * is seen for the first time after we made it; from then on it must stay as it is.
 *
 * Invariant: what is remembered changes only by a whole round, and by size classes that come.
 */
export class TableText {
  readonly #reader: ToolShell;
  readonly #tables: Tables;
  #remembered = new Map<Family, Map<string, readonly string[]>>();

  constructor(reader: ToolShell, tables: Tables) {
    this.#reader = reader;
    this.#tables = tables;
  }

  /** Everything is made anew: what was remembered holds no longer. */
  forget(): void {
    this.#remembered = new Map();
  }

  /**
   * Foretells what the kernel says of a class that comes, from one that was read: they differ by their number only.
   * False when none was read that has more than one slot; then the new one is to be read.
   */
  foretell(family: Family, slotCount: number): boolean {
    const blocks = this.#remembered.get(family);
    const known = [...(blocks?.keys() ?? [])].find((name) => /^class_(?!1$)/.test(name));
    const jump = blocks?.get("dispatch")?.find((line) => line.endsWith(` jump ${known ?? ""}`));
    if (blocks === undefined || known === undefined || jump === undefined || slotCount === 1)
      return false;
    const number = new RegExp(`(?<=_|mod )${known.slice("class_".length)}\\b`, "g");
    const retold = (line: string): string => line.replaceAll(number, String(slotCount));
    for (const kind of ["seal_class", "class", "vips", "slots"]) {
      const lines = blocks.get(known.replace("class", kind)) ?? [];
      blocks.set(`${kind}_${String(slotCount)}`, lines.map(retold));
    }
    blocks.set("dispatch", [...(blocks.get("dispatch") ?? []), retold(jump)]);
    return true;
  }

  /** Reads what the kernel has. Throws a `Fault`. */
  async read(): Promise<TableTexts> {
    const text = await textOf(this.#reader, ["nft", "-t", "list", "ruleset"]);
    const { families, tableName } = this.#tables;
    return new Map(
      families.map((family) => {
        const start = text.indexOf(`table ${tableFamilyOf(family)} ${tableName} {`);
        const end = start === -1 ? -1 : text.indexOf("\n}", start);
        return [family, end === -1 ? undefined : readBlocks(text.slice(start, end))];
      }),
    );
  }

  /**
   * Whether the tables are as they were made for the classes of `dataplane`. Blocks of classes that were not seen before
   * are remembered.
   */
  isAsMade(texts: TableTexts, dataplane: Dataplane): boolean {
    return this.#tables.families.every((family) => {
      const blocks = texts.get(family);
      if (blocks === undefined) return false;
      if (!hasShape(blocks, shapeOf(family, dataplane.classesOf(family)))) return false;
      const remembered = this.#remembered.get(family) ?? new Map<string, readonly string[]>();
      this.#remembered.set(family, remembered);
      return [...blocks].every(([name, lines]) => isKept(remembered, name, lines));
    });
  }
}

/** Whether a block begins with all that is remembered of it; only jumps to classes that came stand after that. */
function isKept(
  remembered: Map<string, readonly string[]>,
  name: string,
  lines: readonly string[],
): boolean {
  const before = remembered.get(name);
  const isLonger = before === undefined || (name === "dispatch" && lines.length > before.length);
  if (before?.some((line, index) => lines[index] !== line) === true) return false;
  if (isLonger) remembered.set(name, lines);
  return isLonger || lines.length === before.length;
}

/** Whether these are the chains, sets and maps, with as many rules in each, as there must be. */
function hasShape(blocks: TableBlocks, wanted: ReadonlyMap<string, number>): boolean {
  const names = [...blocks.keys()].filter((name) => name !== "");
  return (
    names.length === wanted.size &&
    [...wanted].every(([name, rules]) => {
      const lines = blocks.get(name);
      if (lines === undefined) return false;
      const isSet = rules === 0 && name !== "dispatch";
      return isSet || ruleCount(lines) === rules;
    })
  );
}

function ruleCount(lines: readonly string[]): number {
  return lines.filter((line) => !line.startsWith("type ")).length;
}

/** Takes what nft prints of a table apart. Counters of rules are left out: they count on. */
export function readBlocks(text: string): TableBlocks {
  const blocks = new Map<string, string[]>([["", []]]);
  let name = "";
  for (const line of text.split("\n").slice(1)) {
    const head = /^\t(?:chain|set|map) (\S+) \{$/.exec(line);
    if (head !== null) {
      name = head[1] ?? "";
      blocks.set(name, []);
    } else if (line === "\t}") {
      name = "";
    } else if (line !== "") {
      const words = line.trim().replaceAll(/\bcounter packets \d+ bytes \d+/g, "counter");
      blocks.get(name)?.push(words);
    }
  }
  return blocks;
}
