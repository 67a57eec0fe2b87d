import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { tableFamilyOf } from "../core/index.ts";
import type { Dataplane, Family } from "../core/index.ts";
import type { Commands } from "./commands.ts";

/** Tables of one name. */
export interface Tables {
  readonly tableName: string;
  readonly families: readonly Family[];
}

/** The shape of our tables (chains, rules, sets without elements) as nft prints it. Throws a `Fault`. */
export async function readShape(commands: Commands, tables: Tables): Promise<string> {
  const text = await commands.run(["nft", "-t", "list", "ruleset"]);
  return tables.families
    .map((family) => {
      const start = text.indexOf(`table ${tableFamilyOf(family)} ${tables.tableName} {`);
      return start === -1 ? "" : text.slice(start, text.indexOf("\n}", start));
    })
    .join("\n");
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
        if (map !== "vips" && !map.startsWith("slots_")) return;
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

/** Whether the command ended well. */
function eachLine(argv: readonly string[], take: (line: string) => void): Promise<boolean> {
  const [command = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    createInterface({ input: child.stdout }).on("line", take);
    child.on("error", () => resolve(false));
    child.on("close", (exitCode) => resolve(exitCode === 0));
  });
}
