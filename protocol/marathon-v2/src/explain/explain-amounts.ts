import type { ExplanationReason } from "./explanation.ts";
import type { Amounts, AppFacts, MachineFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { joined, namesOf, numberOf } from "./words.ts";

const kinds = [
  { name: "cpus", unit: "cpu", what: "cpus", reason: "INSUFFICIENT_CPUS" },
  { name: "mem", unit: "MB of memory", what: "memory", reason: "INSUFFICIENT_MEMORY" },
  { name: "disk", unit: "MB of disk", what: "disk", reason: "INSUFFICIENT_DISK" },
  { name: "gpus", unit: "gpu", what: "gpus", reason: "INSUFFICIENT_GPUS" },
] as const satisfies readonly {
  readonly name: keyof Amounts;
  readonly unit: string;
  readonly what: string;
  readonly reason: ExplanationReason;
}[];

type Kind = (typeof kinds)[number];

/** Whether a machine's free amounts suffice; unknown ones do. */
export function isEnough(free: Amounts | undefined, needs: Amounts): boolean {
  return free === undefined || kinds.every(({ name }) => free[name] >= needs[name]);
}

/** The largest free piece of something, and where it is. */
interface Piece {
  readonly kind: Kind;
  readonly amount: number;
  readonly machine: string;
}

/** Why no machine is large enough, of machines that are too small and nothing else. Rule WHY4. */
export function explainAmounts(
  facts: AppFacts,
  machines: readonly MachineFacts[],
  who: string,
  isOne: boolean,
): readonly Finding[] {
  const never = explainTooLarge(facts, machines, who, isOne);
  if (never !== undefined) return never;
  const pieces = kinds.map((kind) => largest(kind, machines));
  const short = pieces.filter(({ kind, amount }) => amount < facts.needs[kind.name]);
  if (short.length === 0) return explainTogether(facts, machines, who, isOne);
  const needs = short.map(({ kind }) => amountText(kind, facts.needs[kind.name]));
  const each = isOne ? "" : " each";
  const has = isOne ? "needs" : "need";
  return short.map(({ kind }, at) => ({
    reason: kind.reason,
    ...(at > 0
      ? {}
      : {
          detail: `${who} ${has} ${joined(needs, "and")}${each} on one machine; ${pieceText(short)}.`,
        }),
    advice: `Lower ${joined(
      short.map((piece) => piece.kind.name),
      "and",
    )}, or add a machine.`,
  }));
}

function largest(kind: Kind, machines: readonly MachineFacts[]): Piece {
  let best: Piece = { kind, amount: 0, machine: "" };
  for (const { name, free } of machines) {
    const amount = free?.[kind.name] ?? 0;
    if (amount > best.amount) best = { kind, amount, machine: name };
  }
  return best;
}

function pieceText(short: readonly Piece[]): string {
  const some = short.filter(({ amount }) => amount > 0);
  const nothing = short.filter(({ amount }) => amount <= 0).map(({ kind }) => kind.what);
  const parts = some.map(
    ({ kind, amount, machine }) => `${amountText(kind, amount)} on ${machine}`,
  );
  const found =
    some.length === 0
      ? []
      : [
          `the largest free ${some.length === 1 ? "piece is" : "pieces are"} ${joined(parts, "and")}`,
        ];
  if (nothing.length > 0) found.push(`no machine has any ${joined(nothing, "or")} free`);
  return found.join(", ");
}

/** Machines that are too small, beside others that lack something else: what they lack. Rule WHY4. */
export function explainSmall(
  { needs }: AppFacts,
  machines: readonly MachineFacts[],
): readonly Finding[] {
  const short = kinds.filter((kind) =>
    machines.some(({ free }) => (free?.[kind.name] ?? 0) < needs[kind.name]),
  );
  const names = namesOf(machines.map(({ name }) => name));
  const wanted = short.map((kind) => amountText(kind, needs[kind.name]));
  const has = machines.length === 1 ? "has not" : "have not";
  return short.map(({ reason }, at) => ({
    reason,
    ...(at > 0 ? {} : { detail: `${names} ${has} ${joined(wanted, "and")} free.` }),
    advice: `Lower ${joined(
      short.map(({ name }) => name),
      "and",
    )}, or add a machine.`,
  }));
}

/** Too large for every machine even when nothing runs on it: no waiting helps. Undefined: not so, or not known. */
function explainTooLarge(
  { needs }: AppFacts,
  machines: readonly MachineFacts[],
  who: string,
  isOne: boolean,
): readonly Finding[] | undefined {
  const totals = machines.flatMap(({ total }) => (total === undefined ? [] : [total]));
  if (totals.length < machines.length) return undefined;
  if (totals.some((total) => isEnough(total, needs))) return undefined;
  const most = kinds.map((kind) => ({
    kind,
    amount: Math.max(...totals.map((t) => t[kind.name])),
  }));
  const short = most.filter(({ kind, amount }) => amount < needs[kind.name]);
  const wanted = short.length > 0 ? short : most.filter(({ kind }) => needs[kind.name] > 0);
  const texts = wanted.map(({ kind }) => amountText(kind, needs[kind.name]));
  const subject = `${who} ${isOne ? "needs" : "need"} ${joined(texts, "and")}${isOne ? "" : " each"} on one machine`;
  const names = wanted.map(({ kind }) => kind.name);
  const small = `no machine is that large: ${short.length > 0 ? largestText(short) : "none has all of it, even when nothing runs on it"}`;
  return [
    {
      reason: "TOO_LARGE",
      detail: `${subject}; ${small}.`,
      advice: `Lower ${joined(names, short.length > 0 ? "and" : "or")}, or add a larger machine.`,
    },
    ...wanted.map(({ kind }) => ({ reason: kind.reason })),
  ];
}

function largestText(short: readonly { readonly kind: Kind; readonly amount: number }[]): string {
  const some = short.filter(({ amount }) => amount > 0);
  const none = short
    .filter(({ amount }) => amount <= 0)
    .map(({ kind }) => `none has any ${kind.what}`);
  const has = some.map(({ kind, amount }) => amountText(kind, amount));
  return [...(has.length > 0 ? [`the largest has ${joined(has, "and")}`] : []), ...none].join(", ");
}

const machinesShownMax = 3;

/** Everything is there, but not on the same machine. */
function explainTogether(
  { needs }: AppFacts,
  machines: readonly MachineFacts[],
  who: string,
  isOne: boolean,
): readonly Finding[] {
  const lacking = new Set<Kind>();
  const texts = machines.map(({ name, free }) => {
    const short = kinds.filter((kind) => (free?.[kind.name] ?? 0) < needs[kind.name]);
    for (const kind of short) lacking.add(kind);
    const has = short.map((kind) => amountText(kind, free?.[kind.name] ?? 0));
    return `${name} has only ${joined(has, "and")}`;
  });
  const shown = texts.slice(0, machinesShownMax);
  if (texts.length > machinesShownMax) {
    shown.push(`and so on, on ${String(texts.length - machinesShownMax)} more`);
  }
  const missing = kinds.filter((kind) => lacking.has(kind));
  const all = missing.map((kind) => amountText(kind, needs[kind.name]));
  const advice = `Lower ${joined(
    missing.map(({ name }) => name),
    "or",
  )}, or add a machine.`;
  return missing.map(({ reason }, at) => ({
    reason,
    ...(at > 0
      ? {}
      : {
          detail: `${who} ${isOne ? "needs" : "each need"} ${joined(all, "and")} on the same machine: ${shown.join("; ")}.`,
        }),
    advice,
  }));
}

/** `0.4 cpus`, `1 cpu`, `64 MB of memory`. */
export function amountOf(name: keyof Amounts, amount: number): string {
  const kind = kinds.find((each) => each.name === name);
  return kind === undefined ? numberOf(amount) : amountText(kind, amount);
}

function amountText(kind: Kind, amount: number): string {
  const isPlural = !kind.unit.startsWith("MB") && amount !== 1;
  return `${numberOf(amount)} ${kind.unit}${isPlural ? "s" : ""}`;
}
