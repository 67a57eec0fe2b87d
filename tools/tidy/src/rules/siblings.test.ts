import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { siblingProblems } from "./siblings.ts";

const table = [
  { from: "userspace/marathon", to: "userspace/metronome", problems: 1 },
  { from: "interfaces/cli", to: "interfaces/gui", problems: 1 },
  { from: "kernel/master", to: "kernel/agent", problems: 1 },
  { from: "kernel/agent", to: "kernel/master", problems: 1 },
  { from: "kernel/master", to: "kernel/executor", problems: 1 },
  { from: "kernel/allocator", to: "kernel/master", problems: 1 },
  { from: "kernel/containerizer", to: "kernel/executor", problems: 1 },
  { from: "kernel/master", to: "kernel/allocator", problems: 0 },
  { from: "kernel/agent", to: "kernel/executor", problems: 0 },
  { from: "kernel/agent", to: "kernel/containerizer", problems: 0 },
  { from: "foundation/machine", to: "foundation/base", problems: 0 },
  { from: "protocol/resources", to: "protocol/ids", problems: 0 },
  { from: "tools/gen", to: "tools/tidy", problems: 1 },
];

test.each(table)(
  "[TDY2] $from importing $to gives $problems problems",
  ({ from, to, problems }) => {
    using planted = plant(
      { [`${from}/src/a.ts`]: `import { door } from "@tutti/${to.split("/")[1]}";` },
      { [to]: {} },
    );
    expect(siblingProblems(planted.house)).toHaveLength(problems);
  },
);
