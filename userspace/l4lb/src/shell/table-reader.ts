import { tableFamilyOf } from "../core/index.ts";
import type { Dataplane, Family } from "../core/index.ts";
import { eachLineOf } from "./listing.ts";
import type { Tables } from "./table-text.ts";
import type { ToolShell } from "./tool-shell.ts";

/**
 * Whether sets and maps hold exactly what `dataplane` says. Reads line by line: with many VIPs it is long. Throws a
 * `Fault` when they cannot be read.
 */
export async function holdsElements(
  reader: ToolShell,
  tables: Tables,
  dataplane: Dataplane,
): Promise<boolean> {
  const seen = new Seen(dataplane);
  for (const family of tables.families) {
    const lines = new TableLines();
    seen.begin(family);
    const list = ["nft", "list", "table", tableFamilyOf(family), tables.tableName];
    await eachLineOf(reader, list, (line) => {
      for (const element of lines.take(line)) seen.take(lines.name, element);
    });
    seen.end();
  }
  return seen.isWhole();
}

/** Finds elements in what nft prints of a table; they stand between `elements = {` and `}`, over several lines. */
export class TableLines {
  /** The set, map or chain that is being read. */
  name = "";
  #inElements = false;

  /** Elements of the next line. */
  take(line: string): readonly string[] {
    const head = /^\t(?:map|set|chain) (\S+) \{$/.exec(line);
    if (head !== null) this.name = head[1] ?? "";
    let text = line;
    if (!this.#inElements) {
      const start = /^\t\telements = \{/.exec(line);
      if (start === null) return [];
      text = line.slice(start[0].length);
    }
    const end = text.indexOf("}");
    this.#inElements = end === -1;
    const elements = (end === -1 ? text : text.slice(0, end)).split(",");
    return elements.map((element) => element.trim()).filter((element) => element !== "");
  }
}

/** What was read so far, held against what must be there. */
class Seen {
  readonly #dataplane: Dataplane;
  #owned: ReadonlySet<string> = new Set();
  #isEqual = true;
  #slotCount = 0;
  #vipCount = 0;
  #idleCount = 0;
  #ownedCount = 0;

  constructor(dataplane: Dataplane) {
    this.#dataplane = dataplane;
  }

  /** The table of a family comes now. */
  begin(family: Family): void {
    this.#owned = this.#dataplane.ownedOf(family);
    this.#ownedCount = 0;
  }

  end(): void {
    this.#isEqual &&= this.#ownedCount === this.#owned.size;
  }

  /** An element of the set or map `name`. No set holds one twice. */
  take(name: string, element: string): void {
    if (name.startsWith("vips_")) {
      this.#vipCount += 1;
      this.#isEqual &&= name === `vips_${this.#dataplane.slotsOf(element)?.length ?? 0}`;
    } else if (name.startsWith("slots_")) {
      this.#slotCount += 1;
      this.#isEqual &&= isSlot(this.#dataplane, name, element);
    } else if (name === "idle") {
      this.#idleCount += 1;
      this.#isEqual &&= this.#dataplane.isIdle(element);
    } else if (name === "owned") {
      this.#ownedCount += 1;
      this.#isEqual &&= this.#owned.has(element);
    }
  }

  isWhole(): boolean {
    let [slotCount, vipCount, idleCount] = [0, 0, 0];
    for (const { key, slots } of this.#dataplane.elements()) {
      slotCount += slots.length;
      if (slots.length > 0) vipCount += 1;
      else if (this.#dataplane.isIdle(key)) idleCount += 1;
    }
    return (
      this.#isEqual &&
      this.#slotCount === slotCount &&
      this.#vipCount === vipCount &&
      this.#idleCount === idleCount
    );
  }
}

/** Whether `11.0.0.1 . tcp . 80 . 3 : 10.0.0.2 . 8080` is a slot as it must be. */
function isSlot(dataplane: Dataplane, map: string, element: string): boolean {
  const [place = "", backend = ""] = element.split(" : ");
  const end = map === "slots_1" ? place.length : place.lastIndexOf(" . ");
  const slots = dataplane.slotsOf(place.slice(0, end)) ?? [];
  const slot = map === "slots_1" ? 0 : Number(place.slice(end + 3));
  return map === `slots_${slots.length}` && slots[slot] === backend;
}
