import { assert } from "@tutti/base";
import type { Family } from "./addresses.ts";
import type { Elements, FamilyTransaction } from "./dataplane.ts";

const tableFamilies: Readonly<Record<Family, string>> = { 4: "ip", 6: "ip6" };

/** The bit of a connection's mark that says: it leaves where it came in, so the machine answers for the client. */
const hairpinMark = "0x00800000";

/** Elements that are one text: some hundred thousand characters. */
const elementsPerPiece = 8192;

/** How nft calls the family's tables. */
export function tableFamilyOf(family: Family): string {
  return tableFamilies[family];
}

/** The empty chain that the last rule of a chain jumps to: while it is used, the rules of the chain are there. LB33. */
export function sealOf(chain: string): string {
  return `seal_${chain}`;
}

/** No packet has this protocol, so none meets a seal. */
function sealing(chain: string): string {
  return `meta l4proto 255 jump ${sealOf(chain)}`;
}

/** The transaction in the language of nft: one batch, all of it or nothing. */
export function formatTransaction(
  tableName: string,
  transactions: readonly FamilyTransaction[],
): string {
  return transactions.map((transaction) => formatFamily(tableName, transaction)).join("");
}

/** Removes the tables of all families, also when they are not there. */
export function formatRemoval(tableName: string, families: readonly Family[]): string {
  return families.map((family) => formatFreshTable(tableName, family, "")).join("");
}

function formatFamily(tableName: string, transaction: FamilyTransaction): string {
  const { family, whole, classes, remove, add } = transaction;
  const table = `${tableFamilies[family]} ${tableName}`;
  const lines: string[] = [];
  if (whole) {
    assert(isNone(remove), "a whole table has nothing to remove");
    lines.push(formatFreshTable(tableName, family, formatTable(table, family)));
  }
  for (const slotCount of classes) lines.push(...formatClass(table, family, slotCount));
  lines.push(
    ...formatElements("delete", table, remove, whole),
    ...formatElements("add", table, add, whole),
  );
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function isNone(elements: Elements): boolean {
  const { vips, slots, idle, owned } = elements;
  return vips.length + slots.length + idle.length + owned.length === 0;
}

/** To declare a table before it is deleted makes the deletion succeed in any case. */
function formatFreshTable(tableName: string, family: Family, table: string): string {
  const name = `${tableFamilies[family]} ${tableName}`;
  return `table ${name} {}\ndelete table ${name}\n${table}`;
}

interface Chain {
  readonly name: string;
  /** Absent: it is jumped to. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/**
 * The chains of a table without classes. Translation at the hooks' priority for it; after that, whatever is still
 * addressed to a VIP's address met no VIP with backends, and is refused: no local service ever sees it.
 *
 * The jump to the classes stands three times, in two hooks, for packets that are between two lookups when a transaction
 * comes into force (LB34): lookups in sets and maps see its elements at once, but a hook goes through the rules that were
 * in force when it began. So where a VIP changes its class the next jump finds it; where tables are made anew the old
 * rules lead to old maps, which are empty now, and only the next hook has the new rules.
 */
function chainsOf(family: Family): readonly Chain[] {
  const ip = tableFamilies[family];
  const key = keyType(family);
  const dispatch = "jump dispatch";
  const refuse = [`${ip} daddr @owned jump refuse`, `${key} @idle jump refuse`];
  const icmp = family === 4 ? "icmp" : "icmpv6";
  const unreachable = `reject with ${icmp} type port-unreachable`;
  const hairpin =
    'iif != "lo" ct state new ct status dnat fib daddr . iif oif exists ' +
    `ct mark set ct mark or ${hairpinMark}`;
  const answered = `ct mark and ${hairpinMark} == ${hairpinMark} ct status dnat masquerade`;
  const hooks = {
    nat: (hook: string, priority: number) => `type nat hook ${hook} priority ${priority}`,
    filter: (hook: string) => `type filter hook ${hook} priority -90`,
  };
  const chains: readonly Chain[] = [
    { name: "dispatch", rules: [] },
    {
      name: "refuse",
      rules: ["ct state invalid drop", "meta l4proto tcp reject with tcp reset", unreachable],
    },
    { name: "prerouting", hook: hooks.nat("prerouting", -100), rules: [dispatch] },
    { name: "output", hook: hooks.nat("output", -100), rules: [dispatch] },
    { name: "prerouting_again", hook: hooks.nat("prerouting", -99), rules: [dispatch, dispatch] },
    { name: "output_again", hook: hooks.nat("output", -99), rules: [dispatch, dispatch] },
    {
      name: "refuse_prerouting",
      hook: hooks.filter("prerouting"),
      rules: [...refuse, hairpin],
    },
    { name: "refuse_output", hook: hooks.filter("output"), rules: refuse },
    { name: "postrouting", hook: hooks.nat("postrouting", 100), rules: [answered] },
  ];
  return [
    ...chains.map(({ name }) => ({ name: sealOf(name), rules: [] })),
    ...chains.map((chain) => ({ ...chain, rules: [...chain.rules, sealing(chain.name)] })),
  ];
}

/** Chains of a table that have a seal. */
export function sealedChains(family: Family, classes: Iterable<number>): readonly string[] {
  const own = chainsOf(family).filter(({ rules }) => rules.length > 0);
  return [...own.map(({ name }) => name), ...[...classes].map((count) => `class_${count}`)];
}

/** What a table is made of, with the number of rules of each chain, by name; sets and maps have none. */
export function shapeOf(family: Family, classes: Iterable<number>): ReadonlyMap<string, number> {
  const shape = new Map<string, number>(["owned", "idle"].map((set) => [set, 0]));
  for (const { name, rules } of chainsOf(family)) shape.set(name, rules.length);
  for (const slotCount of classes) {
    shape.set(`vips_${slotCount}`, 0).set(`slots_${slotCount}`, 0).set(`class_${slotCount}`, 2);
    shape.set(sealOf(`class_${slotCount}`), 0);
    shape.set("dispatch", (shape.get("dispatch") ?? 0) + 1);
  }
  return shape;
}

function formatTable(table: string, family: Family): string {
  const key = keyType(family);
  return [
    `table ${table} {`,
    `set owned { type ${family === 4 ? "ipv4_addr" : "ipv6_addr"}; flags interval; }`,
    `set idle { typeof ${key}; }`,
    ...chainsOf(family).flatMap(formatChain),
    "}",
    "",
  ].join("\n");
}

function formatChain({ name, hook, rules }: Chain): readonly string[] {
  const head = hook === undefined ? [] : [`${hook}; policy accept;`];
  return [`chain ${name} {`, ...head, ...rules, "}"];
}

function keyType(family: Family): string {
  return `${tableFamilies[family]} daddr . meta l4proto . th dport`;
}

/**
 * A set of VIPs, a map of their slots, and a rule for each; the counter that walks the slots belongs to the second. A
 * map from VIPs to verdicts would need no set and no first rule for each class, but the kernel checks all of its
 * elements for loops whenever one is added: 15 ms with 30,000.
 */
function formatClass(table: string, family: Family, slotCount: number): readonly string[] {
  const ip = tableFamilies[family];
  const walk = slotCount === 1 ? "" : ` . numgen inc mod ${slotCount}`;
  const key = `${keyType(family)}${walk}`;
  return [
    `add set ${table} vips_${slotCount} { typeof ${keyType(family)}; }`,
    `add map ${table} slots_${slotCount} { typeof ${key} : ${ip} daddr . th dport; }`,
    `add chain ${table} ${sealOf(`class_${slotCount}`)}`,
    `add chain ${table} class_${slotCount}`,
    `add rule ${table} class_${slotCount} dnat ${ip} to ${key} map @slots_${slotCount}`,
    `add rule ${table} class_${slotCount} ${sealing(`class_${slotCount}`)}`,
    `add rule ${table} dispatch ${keyType(family)} @vips_${slotCount} jump class_${slotCount}`,
  ];
}

function formatElements(
  verb: "add" | "delete",
  table: string,
  elements: Elements,
  whole: boolean,
): readonly string[] {
  const isAdd = verb === "add";
  const bySet = new Map<string, ElementList>();
  const push = (set: string, element: string): void => {
    const list = bySet.get(set) ?? new ElementList();
    bySet.set(set, list);
    list.push(element);
  };
  // VIPs first when they go, last when they come: a VIP that is looked up has its slots.
  const vips = (): void => {
    for (const { key, slotCount } of elements.vips) push(`vips_${slotCount}`, key);
  };
  if (!isAdd) vips();
  for (const { key, slotCount, slot, backend } of elements.slots) {
    const place = slotCount === 1 ? key : `${key} . ${slot}`;
    push(`slots_${slotCount}`, isAdd ? `${place} : ${backend}` : place);
  }
  if (isAdd) vips();
  for (const key of elements.idle) push("idle", key);
  for (const address of elements.owned) push("owned", address);
  assert(isAdd || !whole || bySet.size === 0, "nothing is deleted from a fresh table");
  return [...bySet].map(([set, list]) => `${verb} element ${table} ${set} { ${list.text()} }`);
}

/**
 * Elements of one set. A whole table has hundreds of thousands: short texts that stay would be copied by each collection
 * of garbage, so they are soon made long ones.
 */
class ElementList {
  readonly #pieces: string[] = [];
  #last: string[] = [];

  push(element: string): void {
    if (this.#last.length === elementsPerPiece) this.#close();
    this.#last.push(element);
  }

  text(): string {
    this.#close();
    return this.#pieces.join(", ");
  }

  #close(): void {
    if (this.#last.length === 0) return;
    this.#pieces.push(this.#last.join(", "));
    this.#last = [];
  }
}
