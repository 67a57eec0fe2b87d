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

const elementPattern = /([^\s{},][^{},]*) : ([^{},]*[^{},\s])/g;

/**
 * Whether the maps hold exactly what `dataplane` says. Reads line by line: with many VIPs it is long. Undefined when
 * they could not be read.
 */
export async function holdsElements(
  commands: Commands,
  tables: Tables,
  dataplane: Dataplane,
): Promise<boolean | undefined> {
  let equal = true;
  let slotCount = 0;
  let vipCount = 0;
  for (const family of tables.families) {
    let map = "";
    const isRead = await eachLine(
      [...commands.prefix, "nft", "list", "table", tableFamilyOf(family), tables.tableName],
      (line) => {
        const head = /^\s*(?:map|set|chain) (\S+) \{/.exec(line);
        if (head !== null) map = head[1] ?? "";
        if (line.includes("typeof") || (map !== "vips" && !map.startsWith("slots_"))) return;
        for (const [, key = "", value = ""] of line.matchAll(elementPattern)) {
          if (map === "vips") {
            vipCount += 1;
            const held = dataplane.slotsOf(key)?.length ?? -1;
            equal &&= value === `jump class_${held}`;
          } else {
            slotCount += 1;
            equal &&= isSlot(dataplane, { map, key, backend: value });
          }
        }
      },
    );
    if (!isRead) return undefined;
  }
  for (const { slots } of dataplane.elements()) {
    slotCount -= slots.length;
    if (slots.length > 0) vipCount -= 1;
  }
  return equal && slotCount === 0 && vipCount === 0;
}

function isSlot(
  dataplane: Dataplane,
  element: { readonly map: string; readonly key: string; readonly backend: string },
): boolean {
  const { map, key, backend } = element;
  const end = map === "slots_1" ? -1 : key.lastIndexOf(" . ");
  const slots = dataplane.slotsOf(end === -1 ? key : key.slice(0, end)) ?? [];
  const slot = end === -1 ? 0 : Number(key.slice(end + 3));
  return map === `slots_${slots.length}` && slots[slot] === backend;
}
