import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { benches } from "./benches.ts";
import type { BenchReport } from "./measure.ts";
import { missedCount, sectionOf, withSection } from "./page.ts";

const docs = fileURLToPath(new URL("../../../docs/", import.meta.url));

const report: BenchReport = {
  title: "A cost",
  method: "Five runs.",
  figures: [
    { name: "judged", target: "≤ 5 ms", measured: "4.00 ms (3.00–9.00)", reached: true },
    { name: "not judged", target: "beside it", measured: "7.00 ms", reached: true },
    { name: "too slow", target: "≤ 5 ms", measured: "6.00 ms", reached: false },
  ],
  growths: [
    {
      name: "a-cost",
      title: "It grows",
      sizeOf: "agents",
      costOf: "ms",
      series: [10, 20].map((times) => ({
        name: `times ${String(times)}`,
        points: [10, 100].map((size) => ({ size, cost: times === 10 ? size : size ** 2 })),
      })),
      targets: [],
    },
  ],
};

describe("sectionOf", () => {
  const section = sectionOf("cost", report, "a machine; commit abc.");

  it("says command, machine and commit, and shows every plot", () => {
    expect(section).toContain("Command: `./tutti bench cost`. a machine; commit abc.");
    expect(section).toContain("![It grows](benchmarks/a-cost.svg)");
  });

  it("judges what has a number to reach, slopes too, and nothing else", () => {
    expect(section.split("\n").filter((line) => line.startsWith("| "))).toEqual([
      "| figure | target | measured | |",
      "| judged | ≤ 5 ms | 4.00 ms (3.00–9.00) | reached |",
      "| not judged | beside it | 7.00 ms |  |",
      "| too slow | ≤ 5 ms | 6.00 ms | **missed** |",
      "| growth with agents: times 10 | slope ≤ 1.1 | 1.00 | reached |",
      "| growth with agents: times 20 | slope ≤ 1.1 | 2.00 | **missed** |",
    ]);
    expect(missedCount(report)).toBe(2);
  });
});

describe("withSection", () => {
  const order = ["a", "b", "c"];
  const mark = (name: string, text: string): string =>
    `<!-- bench:${name} -->\n${text}\n<!-- /bench:${name} -->`;
  const page = `# Page\n\nwords\n\n${mark("a", "old")}\n\nkept\n\n${mark("c", "old")}\n`;

  it("puts a section in its own place and keeps what stands between", () => {
    expect(withSection(page, "a", { section: mark("a", "new"), order })).toBe(
      page.replace("a -->\nold", "a -->\nnew"),
    );
  });

  it("puts one that is new before the next, the last at the end", () => {
    const withB = withSection(page, "b", { section: mark("b", "new"), order });
    expect(withB.indexOf("bench:b")).toBeGreaterThan(withB.indexOf("kept"));
    expect(withB.indexOf("bench:b")).toBeLessThan(withB.indexOf("bench:c"));
    const bare = "# Page\n";
    expect(withSection(bare, "c", { section: mark("c", "new"), order })).toBe(
      `# Page\n\n${mark("c", "new")}\n`,
    );
  });
});

describe("docs/benchmarks.md", () => {
  const page = readFileSync(`${docs}benchmarks.md`, "utf8");

  it("has its sections in the order of the benchmarks, each of them one", () => {
    const there = [...page.matchAll(/^<!-- bench:(\S+) -->$/gm)].map(([, name]) => name);
    const known = benches.map(({ name }) => name);
    expect(there).toEqual(known.filter((name) => there.includes(name)));
  });

  it("shows every plot, and none that is missing", () => {
    const shown = [...page.matchAll(/\]\(benchmarks\/(\S+\.svg)\)/g)].map(([, name]) => name);
    expect(new Set(shown)).toEqual(new Set(readdirSync(`${docs}benchmarks`)));
  });
});
