import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { rankProblems } from "./rank.ts";

const forbidden = [
  { from: "foundation/base", to: "protocol/ids" },
  { from: "protocol/ids", to: "sdk" },
  { from: "sdk", to: "kernel/master" },
  { from: "kernel/master", to: "userspace/marathon" },
  { from: "userspace/marathon", to: "kernel/master" },
  { from: "interfaces/cli", to: "userspace/marathon" },
  { from: "interfaces/cli", to: "kernel/agent" },
  { from: "kernel/agent", to: "distribution/node" },
  { from: "distribution/node", to: "proof/sim" },
  { from: "foundation/base", to: "tools/gen" },
  { from: "tools/gen", to: "kernel/master" },
];

const allowed = [
  { from: "protocol/ids", to: "foundation/base" },
  { from: "kernel/master", to: "protocol/ids" },
  { from: "userspace/marathon", to: "sdk" },
  { from: "distribution/node", to: "userspace/marathon" },
  { from: "proof/sim", to: "kernel/master" },
  { from: "tools/gen", to: "protocol/ids" },
];

const forms = [
  { form: "import", code: (name: string) => `import { door } from "${name}";` },
  { form: "import type", code: (name: string) => `import type { door } from "${name}";` },
  { form: "re-export", code: (name: string) => `export { door } from "${name}";` },
  { form: "re-export of all", code: (name: string) => `export * from "${name}";` },
  { form: "import for effect", code: (name: string) => `import "${name}";` },
  { form: "dynamic import", code: (name: string) => `export const x = await import("${name}");` },
  { form: "type position", code: (name: string) => `export type X = import("${name}").door;` },
  { form: "require", code: (name: string) => `export const x = require("${name}");` },
];

function nameOf(folder: string): string {
  return `@tutti/${folder.split("/").at(-1)}`;
}

test.each(forbidden)("[TDY1] $from may not import $to", ({ from, to }) => {
  using planted = plant(
    { [`${from}/src/a.ts`]: `import { door } from "${nameOf(to)}";` },
    { [to]: {} },
  );
  expect(rankProblems(planted.house)).toMatchObject([
    { rule: "rank", path: `${from}/src/a.ts`, line: 1 },
  ]);
});

test.each(allowed)("[TDY1] $from may import $to", ({ from, to }) => {
  using planted = plant(
    { [`${from}/src/a.ts`]: `import { door } from "${nameOf(to)}";` },
    { [to]: {} },
  );
  expect(rankProblems(planted.house)).toEqual([]);
});

test.each(forms)("[TDY1] the form does not matter: $form", ({ code }) => {
  using planted = plant(
    { "kernel/master/src/a.ts": `// first line\n${code("@tutti/marathon")}` },
    { "userspace/marathon": {} },
  );
  expect(rankProblems(planted.house)).toMatchObject([{ path: "kernel/master/src/a.ts", line: 2 }]);
});

test("[TDY1] tests obey the rank too", () => {
  using planted = plant(
    { "kernel/master/src/a.test.ts": 'import { door } from "@tutti/marathon";' },
    { "userspace/marathon": {} },
  );
  expect(rankProblems(planted.house)).toHaveLength(1);
});
