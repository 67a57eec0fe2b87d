import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tellStory } from "@tutti/testkit";
import { StoryTeller } from "./story-teller.ts";
import { withoutClock } from "./without-clock.ts";

const stories = [
  ["SIM30", "agent-crash-keeps-tasks"],
  ["SIM31", "marathon-crash-mid-upgrade"],
  ["SIM32", "partition-longer-than-timeout"],
  ["SIM33", "master-failover-nothing-killed"],
] as const;

describe("stories", () => {
  it.each(stories)("[%s] %s", async (_rule, name) => {
    const path = `${import.meta.dirname}/golden/${name}.golden`;
    const teller = new StoryTeller();
    const { told } = withoutClock(() =>
      tellStory({
        golden: readFileSync(path, "utf8"),
        rewrite: false,
        write: () => undefined,
        tell: (step) => teller.tell(step),
      }),
    );
    await expect(told).toMatchFileSnapshot(path);
  });
});
