import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tellStory } from "@tutti/testkit";
import { StoryTeller } from "./story-teller.ts";
import { withoutClock } from "./without-clock.ts";

const folder = `${import.meta.dirname}/golden`;
/** Each story begins with the number of its rule: `# [SIM30] …`. */
const stories = readdirSync(folder).map((file) => {
  const golden = readFileSync(`${folder}/${file}`, "utf8");
  const rule = /^# \[(SIM\d+)\] /u.exec(golden)?.[1] ?? "without a rule";
  return { file, golden, rule };
});

describe("stories", () => {
  it.each(stories)("[$rule] $file", async ({ file, golden }) => {
    const teller = new StoryTeller();
    const { told } = withoutClock(() =>
      tellStory({
        golden,
        rewrite: false,
        write: () => undefined,
        tell: (step) => teller.tell(step),
      }),
    );
    await expect(told).toMatchFileSnapshot(`${folder}/${file}`);
  });

  it("each answers a rule of its own", () => {
    const rules = stories.map(({ rule }) => rule);
    expect(new Set(rules).size).toBe(stories.length);
    expect(rules).not.toContain("without a rule");
  });
});
