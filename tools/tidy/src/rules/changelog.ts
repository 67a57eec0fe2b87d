import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/** The three buckets of a release, in the order in which an operator reads them. */
const buckets = ["Safety and performance", "Features", "Internals"];

/**
 * TDY14: CHANGELOG.md has one section per release, newest first, the first being the checkout's
 * version; each has the three buckets in order, each with sentences as list items.
 */
export function changelogProblems(house: House): Problem[] {
  const path = "CHANGELOG.md";
  const file = house.files.find((each) => each.path === path);
  if (file === undefined) return [{ rule: "changelog", path, message: "no CHANGELOG.md" }];
  const problems: Problem[] = [];
  const complain = (line: number, message: string): void => {
    problems.push({ rule: "changelog", path, line, message });
  };

  const versions: string[] = [];
  let bucketsLeft: string[] = [];
  let itemCount = 1;
  let releaseLine = 1;
  const lines = file.text.trimEnd().split("\n");
  const closeBucket = (line: number): void => {
    if (itemCount === 0) complain(line, 'an empty bucket: write "- Nothing." if that is so');
  };
  const closeRelease = (): void => {
    if (bucketsLeft.length > 0) complain(releaseLine, `missing bucket: ${bucketsLeft.join(", ")}`);
  };
  if (lines[0] !== "# Changelog") complain(1, 'the first line is "# Changelog"');
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    if (text.startsWith("## ")) {
      closeBucket(line);
      closeRelease();
      const match = /^## (\d+\.\d+\.\d+) \((unreleased|\d{4}-\d{2}-\d{2})\)$/.exec(text);
      if (match?.[1] === undefined)
        complain(line, 'a release is "## 1.2.3 (2026-01-31)" or "(unreleased)"');
      else versions.push(match[1]);
      bucketsLeft = [...buckets];
      itemCount = 1;
      releaseLine = line;
    } else if (text.startsWith("### ")) {
      closeBucket(line);
      const expected = bucketsLeft.shift();
      if (text.slice(4) !== expected)
        complain(line, `expected the bucket "${expected ?? "(none)"}"`);
      itemCount = 0;
    } else if (text.startsWith("- ")) {
      itemCount += 1;
      if (!/[.!)]$/.test(lastLineOfItem(lines, index)))
        complain(line, "an item is a sentence and ends with a full stop");
    } else if (text !== "" && !text.startsWith("  ") && text !== "# Changelog") {
      complain(line, "only releases, buckets and list items stand here");
    }
  }
  closeBucket(lines.length);
  closeRelease();
  if (versions[0] !== house.manifest.version) {
    complain(
      1,
      `the newest release is ${versions[0] ?? "missing"}, the checkout's version is ${house.manifest.version}`,
    );
  }
  const sorted = versions.toSorted((a, b) => compareVersions(b, a));
  if (versions.join() !== sorted.join()) complain(1, "releases stand newest first");
  return problems;
}

function lastLineOfItem(lines: readonly string[], start: number): string {
  let at = start;
  while (lines[at + 1]?.startsWith("  ")) at += 1;
  return lines[at] ?? "";
}

function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  const at = left.findIndex((part, index) => part !== right[index]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}
