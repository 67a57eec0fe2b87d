import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { changelogProblems } from "./changelog.ts";

const release = [
  "### Safety and performance",
  "",
  "- Nothing.",
  "",
  "### Features",
  "",
  "- `tutti up` starts a cluster",
  "  on one machine.",
  "",
  "### Internals",
  "",
  "- Nothing.",
  "",
].join("\n");
const good = `# Changelog\n\n## 0.1.0 (unreleased)\n\n${release}\n## 0.0.9 (2026-01-31)\n\n${release}`;

test("[TDY14] releases, newest first, with three buckets of sentences are fine", () => {
  using planted = plant({ "CHANGELOG.md": good });
  expect(changelogProblems(planted.house)).toEqual([]);
});

const crooked = [
  { what: "no title", text: good.replace("# Changelog\n", "") },
  { what: "another version than the checkout's", text: good.replace("0.1.0", "0.2.0") },
  { what: "no date", text: good.replace(" (unreleased)", "") },
  { what: "a bucket missing", text: good.replace("### Internals\n\n- Nothing.\n", "") },
  { what: "buckets in another order", text: good.replace("### Features", "### Internals") },
  { what: "an empty bucket", text: good.replace("- Nothing.\n", "") },
  { what: "an item that is no sentence", text: good.replace("on one machine.", "on one machine") },
  { what: "loose text", text: good.replace("### Features\n", "### Features\n\nAnd now:\n") },
  { what: "the older release first", text: good.replace("0.0.9", "0.1.1") },
];

test.each(crooked)("[TDY14] a changelog with $what is refused", ({ text }) => {
  using planted = plant({ "CHANGELOG.md": text });
  expect(changelogProblems(planted.house)).not.toEqual([]);
});

test("[TDY14] a checkout without a changelog is refused", () => {
  using planted = plant({});
  expect(changelogProblems(planted.house)).toHaveLength(1);
});
