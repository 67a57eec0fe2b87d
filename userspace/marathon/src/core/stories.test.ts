import { describe, expect, it } from "vitest";
import { tellStory } from "./testing/story.ts";

const threeAgents = ["agent host1", "agent host2", "agent host3", "connect"];
const web = `{"id":"/web","cmd":"serve","cpus":0.5,"mem":64,"instances":3}`;

const stories: Readonly<Record<string, readonly string[]>> = {
  "start-and-stop": [...threeAgents, `post ${web}`, "run 1000", "delete /web", "run 1000"],
  "rolling-upgrade": [
    ...threeAgents,
    `post ${web}`,
    "run 1000",
    `put {"id":"/web","cmd":"serve v2","upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0}}`,
    "why",
    "run 2000",
    "tasks /web",
  ],
  "scale-down": [
    ...threeAgents,
    `post ${web}`,
    "run 1000",
    `put {"id":"/web","instances":5}`,
    "run 1000",
    `put {"id":"/web","instances":1}`,
    "run 1000",
    "tasks /web",
  ],
  "restart-after-crash": [
    ...threeAgents,
    `post ${web}`,
    "run 1000",
    `put {"id":"/web","cmd":"serve v2"}`,
    "run 250",
    "crash",
    "run 3000",
    "tasks /web",
  ],
  "agent-lost-and-back": [
    ...threeAgents,
    `post {"id":"/web","cmd":"serve","cpus":0.5,"mem":64,"instances":2}`,
    "run 1000",
    "partition host1",
    "run 1000",
    "tasks /web",
    "heal host1",
    "run 1000",
    "tasks /web",
  ],
  "failing-app-backs-off": [
    "agent host1",
    "connect",
    `post {"id":"/flaky","cmd":"false","cpus":0.5,"mem":64,"backoffSeconds":2,"backoffFactor":2}`,
    "run 1000",
    "fail /flaky",
    "run 1000",
    "run 1500",
    "fail /flaky",
    "run 3000",
    "tasks /flaky",
    "run 2000",
    "tasks /flaky",
  ],
};

describe("stories of Marathon", () => {
  for (const [name, commands] of Object.entries(stories)) {
    it(`[MAR2] ${name}`, async () => {
      await expect(tellStory(commands)).toMatchFileSnapshot(`./golden/${name}.golden`);
    });
  }
});
