import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { slopeOf, type Growth } from "./growth.ts";
import type { BenchReport } from "./measure.ts";
import { plotOf } from "./plot.ts";

const page = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));
const plots = fileURLToPath(new URL("../../../docs/benchmarks/", import.meta.url));
/** A cost may grow a little faster than the size: the slope of log over log that is accepted. */
const slopeMaxDefault = 1.1;

/** How many figures of a report, slopes included, are missed. */
export function missedCount(report: BenchReport): number {
  const slopes = (report.growths ?? []).flatMap(slopesOf);
  return [...report.figures, ...slopes].filter(({ reached }) => !reached).length;
}

/** The section of one benchmark; `head` says machine, load and commit. */
export function sectionOf(name: string, report: BenchReport, head: string): string {
  const growths = report.growths ?? [];
  return [
    `<!-- bench:${name} -->`,
    `## ${report.title}`,
    "",
    report.method,
    "",
    `Command: \`./tutti bench ${name}\`. ${head}`,
    "",
    "| figure | target | measured | |",
    "|---|---|---|---|",
    ...[...report.figures, ...growths.flatMap(slopesOf)].map(
      (f) => `| ${f.name} | ${f.target} | ${f.measured} | ${verdict(f)} |`,
    ),
    "",
    ...growths.flatMap(({ name: plot, title }) => [`![${title}](benchmarks/${plot}.svg)`, ""]),
    `<!-- /bench:${name} -->`,
  ].join("\n");
}

/** Nothing where there is no number to reach: what stands beside another figure is not judged. */
function verdict({ target, reached }: BenchReport["figures"][number]): string {
  if (!/\d/.test(target) && reached) return "";
  return reached ? "reached" : "**missed**";
}

/** Puts a section in its place in `docs/benchmarks.md`, and its plots beside it. What stands between sections stays. */
export function writeSection(
  name: string,
  report: BenchReport,
  { section, order }: { readonly section: string; readonly order: readonly string[] },
): void {
  mkdirSync(plots, { recursive: true });
  for (const growth of report.growths ?? [])
    writeFileSync(`${plots}${growth.name}.svg`, plotOf(growth));
  writeFileSync(page, withSection(readFileSync(page, "utf8"), name, { section, order }));
}

/**
 * The page with a section in the place of the one of this name; where there is none yet, before the first that comes
 * later in `order`, the names of all benchmarks.
 */
export function withSection(
  text: string,
  name: string,
  { section, order }: { readonly section: string; readonly order: readonly string[] },
): string {
  const start = text.indexOf(beginOf(name));
  const endMark = `<!-- /bench:${name} -->`;
  const end = text.indexOf(endMark);
  if (start !== -1 && end !== -1)
    return text.slice(0, start) + section + text.slice(end + endMark.length);
  const later = order.slice(order.indexOf(name) + 1).find((other) => text.includes(beginOf(other)));
  if (later === undefined) return `${text.trimEnd()}\n\n${section}\n`;
  const place = text.indexOf(beginOf(later));
  return `${text.slice(0, place)}${section}\n\n${text.slice(place)}`;
}

function beginOf(name: string): string {
  return `<!-- bench:${name} -->`;
}

function slopesOf(growth: Growth): BenchReport["figures"] {
  const max = growth.slopeMax ?? slopeMaxDefault;
  return growth.series.map(({ name, points }) => {
    const slope = slopeOf(points);
    return {
      name: `growth with ${growth.sizeOf}: ${name}`,
      target: `slope ≤ ${String(max)}`,
      measured: slope.toFixed(2),
      reached: slope <= max,
    };
  });
}
