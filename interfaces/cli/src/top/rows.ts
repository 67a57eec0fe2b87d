import { type Format, formatCpus, formatMemory } from "./amount-text.ts";
import { bar, barWidthMin, type Glyphs } from "./bar.ts";
import { field, type Line, type Segment, segment } from "./line.ts";
import type { BoundedAmount, TopAmount, TopApp, TopMachine } from "./top-view.ts";

const statusWidth = 12;
const numberWidth = 6;

/** How the columns of machines share the width. */
export interface MachineColumns {
  readonly name: number;
  /** Of each of the two bars; less than `barWidthMin`: there is none. */
  readonly bar: number;
  /** Whether there is room for the totals. */
  readonly hasTotals: boolean;
}

/** The columns for names of this width in a terminal of that width. */
export function machineColumns(name: number, columns: number): MachineColumns {
  const fixed = name + 2 + statusWidth + 2 + numberWidth;
  const group = (numbers: number): number => 2 + numbers * (numberWidth + 1);
  const left = columns - fixed - 2 * group(3);
  return { name, bar: Math.min(barWidthMax, Math.floor(left / 2)), hasTotals: left >= 0 };
}

const barWidthMax = 20;

/** The heading of machines. */
export function machineHeading({ name, bar: width, hasTotals }: MachineColumns): Line {
  const group = (title: string): string =>
    `  ${" ".repeat(width < barWidthMin ? 0 : width)}${cells([title, "ALLOC", ...(hasTotals ? ["OF"] : [])])}`;
  const text = `${field("MACHINE", name)}  ${field("STATUS", statusWidth)}  ${field("TASKS", numberWidth, "right")}${group("CPU")}${group("MEM")}`;
  return [segment(text, "bold")];
}

/** Numbers beside one another, each with a blank before it. */
function cells(texts: readonly string[]): string {
  return texts.map((text) => ` ${field(text, numberWidth, "right")}`).join("");
}

/** One machine. */
export function machineLine(machine: TopMachine, columns: MachineColumns, signs: Glyphs): Line {
  const { status, name, tasks, cpus, mem } = machine;
  const group = (amount: BoundedAmount | null, format: Format): Segment[] => [
    segment("  "),
    ...bar(amount, columns.bar, signs),
    segment(numbers(amount, format, columns)),
  ];
  const shown = machine.public && status === "active" ? "public" : status;
  return [
    segment(`${field(name, columns.name)}  `),
    segment(field(shown, statusWidth), status === "active" ? "green" : "red"),
    segment(`  ${field(String(tasks), numberWidth, "right")}`),
    ...group(cpus, formatCpus),
    ...group(mem, formatMemory),
  ];
}

function numbers(
  amount: BoundedAmount | null,
  format: Format,
  { hasTotals }: MachineColumns,
): string {
  const texts =
    amount === null
      ? ["-", "-", "-"]
      : [format(amount.used), format(amount.allocated), format(amount.total)];
  return cells(hasTotals ? texts : texts.slice(0, 2));
}

/** The heading of apps. */
export function appHeading(nameWidth: number): string {
  return `${field("APP", nameWidth)}  ${field("INSTANCES", statusWidth)}  ${field("HEALTH", numberWidth, "right")} ${cells(["CPU", "ALLOC", "MEM", "ALLOC"])}`;
}

/** One app. */
export function appLine(app: TopApp, nameWidth: number): Line {
  const { id, instances, running, healthy, hasHealthChecks, isDeploying, cpus, mem } = app;
  const isFull = running >= instances;
  const counts = `${String(running)}/${String(instances)}${isDeploying ? " ..." : ""}`;
  const health = hasHealthChecks ? `${String(healthy)}/${String(running)}` : "-";
  const isSick = hasHealthChecks && healthy < running;
  const pair = (amount: TopAmount, format: Format): string =>
    cells([format(amount.used), format(amount.allocated)]);
  return [
    segment(`${field(id, nameWidth)}  `),
    segment(field(counts, statusWidth), isFull ? "green" : "yellow"),
    segment("  "),
    segment(field(health, numberWidth, "right"), isSick ? "red" : undefined),
    segment(` ${pair(cpus, formatCpus)}${pair(mem, formatMemory)}`),
  ];
}
