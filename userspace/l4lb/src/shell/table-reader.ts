import { shapeOf, tableFamilyOf } from "../core/index.ts";
import type { Dataplane, Family } from "../core/index.ts";
import type { Commands } from "./commands.ts";
import { eachLine } from "./each-line.ts";

/** Tables of one name. */
export interface Tables {
  readonly tableName: string;
  readonly families: readonly Family[];
}

/**
 * Whether the tables have the chains, as many rules in each, and the sets and maps that they must have. Throws a
 * `Fault`.
 */
export async function haveShape(
  commands: Commands,
  tables: Tables,
  dataplane: Dataplane,
): Promise<boolean> {
  const text = await commands.run(["nft", "-t", "list", "ruleset"]);
  return tables.families.every((family) => {
    const start = text.indexOf(`table ${tableFamilyOf(family)} ${tables.tableName} {`);
    if (start === -1) return false;
    const shape = readShape(text.slice(start, text.indexOf("\n}", start)));
    const wanted = shapeOf(family, dataplane.classesOf(family));
    return (
      shape.size === wanted.size && [...wanted].every(([name, rules]) => shape.get(name) === rules)
    );
  });
}

/** Names of chains, sets and maps of a table as nft prints it, with the number of rules. */
export function readShape(text: string): ReadonlyMap<string, number> {
  const shape = new Map<string, number>();
  let chain: string | undefined;
  for (const line of text.split("\n")) {
    const head = /^\t(chain|set|map) (\S+) \{$/.exec(line);
    if (head !== null) {
      const [, kind, name = ""] = head;
      shape.set(name, 0);
      chain = kind === "chain" ? name : undefined;
    } else if (chain !== undefined && /^\t\t(?!type )/.test(line)) {
      shape.set(chain, (shape.get(chain) ?? 0) + 1);
    }
  }
  return shape;
}

/**
 * Whether sets and maps hold exactly what `dataplane` says. Reads line by line: with many VIPs it is long. Undefined
 * when they could not be read.
 */
export async function holdsElements(
  commands: Commands,
  tables: Tables,
  dataplane: Dataplane,
): Promise<boolean | undefined> {
  const seen = { equal: true, slotCount: 0, vipCount: 0 };
  for (const family of tables.families) {
    let name = "";
    const isRead = await eachLine(
      [...commands.prefix, "nft", "list", "table", tableFamilyOf(family), tables.tableName],
      (line) => {
        const head = /^\t(?:map|set|chain) (\S+) \{$/.exec(line);
        if (head !== null) name = head[1] ?? "";
        else if (!line.startsWith("\t\ttypeof")) takeElements(name, line, dataplane, seen);
      },
    );
    if (!isRead) return undefined;
  }
  for (const { slots } of dataplane.elements()) {
    seen.slotCount -= slots.length;
    if (slots.length > 0) seen.vipCount -= 1;
  }
  return seen.equal && seen.slotCount === 0 && seen.vipCount === 0;
}

interface Seen {
  equal: boolean;
  slotCount: number;
  vipCount: number;
}

/** Takes the elements of one line of the set or map `name`. */
function takeElements(name: string, line: string, dataplane: Dataplane, seen: Seen): void {
  const isVips = name.startsWith("vips_");
  if (!isVips && !name.startsWith("slots_")) return;
  const text = line.replace(/^.*\{/, "").replace(/\}.*$/, "");
  for (const part of text.split(",")) {
    const element = part.trim();
    if (element === "") continue;
    if (isVips) {
      seen.vipCount += 1;
      seen.equal &&= name === `vips_${dataplane.slotsOf(element)?.length ?? 0}`;
    } else {
      seen.slotCount += 1;
      seen.equal &&= isSlot(dataplane, name, element);
    }
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
