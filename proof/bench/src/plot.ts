import { slopeOf, type Growth, type GrowthPoint } from "./growth.ts";
import { readable } from "./medians.ts";

const width = 640;
const area = { left: 72, right: 616, top: 64, bottom: 336 };
const legendTop = 380;

const legendStep = 20;
/** Light and dark: a reader's machine says which it wants. */
const style = `
  .page { fill: #ffffff } .text { fill: #24292f } .faint { fill: #57606a }
  .grid { stroke: #d0d7de } .axis { stroke: #57606a }
  .s0 { stroke: #0969da; fill: #0969da } .s1 { stroke: #bc4c00; fill: #bc4c00 }
  .s2 { stroke: #1a7f37; fill: #1a7f37 } .s3 { stroke: #8250df; fill: #8250df }
  .target { stroke: #cf222e; fill: #cf222e } .line { fill: none !important }
  text { font: 12px system-ui, sans-serif; stroke: none } .title { font-size: 15px; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .faint { fill: #9198a1 }
    .grid { stroke: #30363d } .axis { stroke: #9198a1 }
    .s0 { stroke: #58a6ff; fill: #58a6ff } .s1 { stroke: #f0883e; fill: #f0883e }
    .s2 { stroke: #3fb950; fill: #3fb950 } .s3 { stroke: #bc8cff; fill: #bc8cff }
    .target { stroke: #ff7b72; fill: #ff7b72 }
  }`;

/** Where a logarithmic axis begins and ends, in powers of ten with some air. */
interface Axis {
  readonly from: number;
  readonly to: number;
}

/**
 * How a cost grows as a picture (SVG): both axes logarithmic, targets as a dashed line, the slope of each
 * series in its name. The same figures give the same bytes.
 */
export function plotOf(growth: Growth): string {
  const points = [...growth.series.flatMap((series) => series.points), ...growth.targets];
  const sizes = axisOf(points.map(({ size }) => size));
  const costs = axisOf(points.map(({ cost }) => cost));
  const place = ({ size, cost }: GrowthPoint): string =>
    `${pixel(size, sizes, area.left, area.right)},${pixel(cost, costs, area.bottom, area.top)}`;
  const rows = growth.series.length + (growth.targets.length > 0 ? 1 : 0);
  const height = legendTop + legendStep * rows;
  const known = [...new Set(growth.series.flatMap(({ points: all }) => all.map((p) => p.size)))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(growth.title)}</title>`,
    `<style>${style}\n</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    `<text class="text title" x="20" y="28">${escaped(growth.title)}</text>`,
    ...costLines(costs),
    ...sizeLines(
      known.toSorted((a, b) => a - b),
      sizes,
    ),
    `<text class="faint" x="20" y="52">${escaped(growth.costOf)}</text>`,
    `<text class="faint" x="${area.right}" y="${area.bottom + 38}" text-anchor="end">${escaped(growth.sizeOf)}</text>`,
    ...targetLines(growth.targets, growth.series.length, place),
    ...growth.series.flatMap(({ name, points: own }, index) =>
      seriesLines(name, own, index, place),
    ),
    "</svg>",
    "",
  ].join("\n");
}

function axisOf(values: readonly number[]): Axis {
  const from = Math.log10(Math.min(...values));
  const to = Math.log10(Math.max(...values));
  const air = Math.max(0.08 * (to - from), 0.1);
  return { from: from - air, to: to + air };
}

function pixel(value: number, axis: Axis, begin: number, end: number): string {
  const share = (Math.log10(value) - axis.from) / (axis.to - axis.from);
  return (begin + share * (end - begin)).toFixed(1);
}

/** Lines at 1, 2 and 5 times each power of ten, with their values. */
function costLines(axis: Axis): string[] {
  const lines: string[] = [];
  for (let power = Math.floor(axis.from); power <= axis.to; power += 1) {
    for (const times of [1, 2, 5]) {
      const value = times * 10 ** power;
      if (Math.log10(value) < axis.from || Math.log10(value) > axis.to) continue;
      const y = pixel(value, axis, area.bottom, area.top);
      lines.push(
        `<line class="grid" x1="${area.left}" x2="${area.right}" y1="${y}" y2="${y}"/>`,
        `<text class="faint" x="${area.left - 8}" y="${y}" dy="4" text-anchor="end">${tick(value)}</text>`,
      );
    }
  }
  return lines;
}

function sizeLines(values: readonly number[], axis: Axis): string[] {
  const lines = [
    `<line class="axis" x1="${area.left}" x2="${area.right}" y1="${area.bottom}" y2="${area.bottom}"/>`,
  ];
  for (const value of values) {
    const x = pixel(value, axis, area.left, area.right);
    lines.push(
      `<line class="axis" x1="${x}" x2="${x}" y1="${area.bottom}" y2="${area.bottom + 5}"/>`,
      `<text class="faint" x="${x}" y="${area.bottom + 20}" text-anchor="middle">${tick(value)}</text>`,
    );
  }
  return lines;
}

function tick(value: number): string {
  return value >= 1 ? value.toLocaleString("en-US") : String(Number(value.toPrecision(2)));
}

function targetLines(
  targets: readonly GrowthPoint[],
  row: number,
  place: (point: GrowthPoint) => string,
): string[] {
  if (targets.length === 0) return [];
  const dots = targets.map(place);
  const y = legendTop + legendStep * row;
  return [
    `<polyline class="target line" stroke-dasharray="5 4" points="${dots.join(" ")}"/>`,
    ...dots.map((dot) => circle("target", dot, 3)),
    `<line class="target" stroke-dasharray="5 4" x1="20" x2="34" y1="${y - 4}" y2="${y - 4}"/>`,
    `<text class="text" x="40" y="${y}">target</text>`,
  ];
}

function seriesLines(
  name: string,
  points: readonly GrowthPoint[],
  index: number,
  place: (point: GrowthPoint) => string,
): string[] {
  const colour = `s${String(index % 4)}`;
  const dots = points.map(place);
  const told = points.map((p) => `${readable(p.size)}: ${readable(p.cost)}`).join("; ");
  const y = legendTop + legendStep * index;
  return [
    `<g><title>${escaped(`${name}: ${told}`)}</title>`,
    `<polyline class="${colour} line" stroke-width="2" points="${dots.join(" ")}"/>`,
    ...dots.map((dot) => circle(colour, dot, 4)),
    `<rect class="${colour}" x="20" y="${y - 5}" width="12" height="3"/>`,
    `<text class="text" x="40" y="${y}">${escaped(name)}, slope ${slopeOf(points).toFixed(2)}</text></g>`,
  ];
}

function circle(colour: string, place: string, radius: number): string {
  const [x = "", y = ""] = place.split(",");
  return `<circle class="${colour}" cx="${x}" cy="${y}" r="${radius}"/>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
