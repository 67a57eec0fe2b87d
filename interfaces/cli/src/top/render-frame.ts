import { type Format, formatCpus, formatMemory } from "./amount-text.ts";
import { bar, type Glyphs } from "./bar.ts";
import { type Line, segment } from "./line.ts";
import { appHeading, appLine, machineColumns, machineHeading, machineLine } from "./rows.ts";
import type { BoundedAmount, TopApp, TopMachine, TopView } from "./top-view.ts";

/** How a frame is to look. */
export interface FrameOptions {
  readonly columns: number;
  /** At most so many lines; undefined: as many as there are. */
  readonly rows: number | undefined;
  readonly signs: Glyphs;
  /** Somebody watches, and can end it. */
  readonly isLive: boolean;
}

/** The cluster as lines of a screen. Rule CLI50. */
export function renderFrame(view: TopView, options: FrameOptions): readonly Line[] {
  const head = [...headLines(view, options), ...problemLines(view)];
  const foot = options.isLive ? [[], [segment(legend(options), "dim")]] : [];
  const machines = view.machines.toSorted(byTrouble);
  const apps = view.apps.toSorted(byNeed);
  // Two headings and the blank lines before them.
  const room =
    options.rows === undefined
      ? Number.POSITIVE_INFINITY
      : options.rows - head.length - foot.length - 4;
  const shares = share(Math.max(2, room), machines.length, Math.max(1, apps.length));
  const nameWidth = nameWidthOf(view, options.columns);
  const columns = machineColumns(nameWidth, options.columns);
  return [
    ...head,
    [],
    machineHeading(columns),
    ...limited(
      machines.map((machine) => machineLine(machine, columns, options.signs)),
      shares[0],
      "machines",
    ),
    [],
    [segment(appHeading(nameWidth), "bold")],
    ...(apps.length === 0 ? [[segment("There are no apps.", "dim")]] : []),
    ...limited(
      apps.map((app) => appLine(app, nameWidth)),
      shares[1],
      "apps",
    ),
    ...foot,
  ];
}

function headLines(
  { at, cluster, machines, apps, totals }: TopView,
  options: FrameOptions,
): Line[] {
  const away = machines.filter(({ status }) => status !== "active").length;
  const name = cluster ?? "tutti";
  const missing = away === 0 ? "" : ` (${String(away)} not there)`;
  const counts = [
    `${plural(machines.length, "machine")}${missing}`,
    plural(apps.length, "app"),
    plural(totals.tasks, "task"),
  ].join(", ");
  return [
    [
      segment(name, "bold"),
      segment(`  ${at.slice(11, 19)} UTC  `),
      segment(counts, away > 0 ? "yellow" : undefined),
    ],
    totalLine("CPU", totals.cpus, { ...options, format: formatCpus }),
    totalLine("MEM", totals.mem, { ...options, format: formatMemory }),
  ];
}

function problemLines({ problems }: TopView): Line[] {
  return problems.map((problem) => [segment(problem, "red")]);
}

const totalBarMax = 40;
/** What stands beside the bar of a total. */
const totalTextWidth = 45;

function totalLine(
  name: string,
  amount: BoundedAmount,
  { columns, signs, format }: FrameOptions & { readonly format: Format },
): Line {
  const width = Math.min(totalBarMax, columns - totalTextWidth);
  const text = `  ${format(amount.used)} used, ${format(amount.allocated)} allocated of ${format(amount.total)}`;
  return [segment(`${name}  `, "bold"), ...bar(amount, width, signs), segment(text)];
}

const nameWidthMin = 8;
const nameWidthMax = 40;

/** As wide as the longest name, within bounds. */
function nameWidthOf({ machines, apps }: TopView, columns: number): number {
  const longest = Math.max(
    nameWidthMin,
    ...machines.map(({ name }) => name.length),
    ...apps.map(({ id }) => id.length),
  );
  return Math.min(longest, nameWidthMax, Math.max(nameWidthMin, Math.floor(columns / 3)));
}

function legend({ signs }: FrameOptions): string {
  return `${signs.used} used  ${signs.allocated} allocated  ${signs.free} free    q ends`;
}

/** First the machines that are not there, then by name. */
function byTrouble(left: TopMachine, right: TopMachine): number {
  const trouble = Number(left.status === "active") - Number(right.status === "active");
  return trouble === 0 ? compare(left.name, right.name) : trouble;
}

/** First the apps that lack instances, then those that use most, in steps that do not flicker. */
function byNeed(left: TopApp, right: TopApp): number {
  const lack = Number(left.running >= left.instances) - Number(right.running >= right.instances);
  if (lack !== 0) return lack;
  const use = tenths(right.cpus.used) - tenths(left.cpus.used);
  return use === 0 ? compare(left.id, right.id) : use;
}

function tenths(value: number | null): number {
  return Math.round((value ?? 0) * 10);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Divides lines between two lists: what one does not need the other has. */
function share(room: number, first: number, second: number): readonly [number, number] {
  if (first + second <= room) return [first, second];
  const half = Math.floor(room / 2);
  if (first <= half) return [first, room - first];
  if (second <= room - half) return [room - second, second];
  return [half, room - half];
}

function limited(lines: readonly Line[], max: number, noun: string): readonly Line[] {
  if (lines.length <= max) return lines;
  const shown = Math.max(0, max - 1);
  return [
    ...lines.slice(0, shown),
    [segment(`and ${String(lines.length - shown)} more ${noun}`, "dim")],
  ];
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
