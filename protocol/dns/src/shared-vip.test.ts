import { expect, test } from "vitest";
import { sharedVipFaults } from "./shared-vip.ts";

const many = Array.from({ length: 12 }, (_, index) => `app${String(index)} (marathon)`);

test.each([
  ["one definition, one spelling", { owners: ["a (m)"], given: ["x"] }, []],
  [
    "two",
    { owners: ["a (m)", "b (m)"], given: ["x"] },
    ["x.m:80 is claimed by a (m) and b (m): its connections go to all of them"],
  ],
  [
    "three spellings",
    { owners: ["a (m)"], given: ["X", "x", "x!"] },
    ["/X and /x and /x! are all x.m:80: only letters, digits, hyphens and dots tell names apart"],
  ],
  [
    "more than can be named",
    { owners: many, given: ["x"] },
    [
      `x.m:80 is claimed by ${many.slice(0, 10).join(" and ")} and 2 more: its connections go to all of them`,
    ],
  ],
])("[DSC18] [DSC19] %s", (_what, shared, messages) => {
  const found = sharedVipFaults({ vip: "x.m:80", ...shared });
  expect(found.map(({ message }) => message)).toEqual(messages);
});
