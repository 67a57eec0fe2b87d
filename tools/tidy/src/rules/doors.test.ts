import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { doorProblems } from "./doors.ts";

const target = { "protocol/ids": {}, "foundation/base": {} };

const around = [
  { way: "a deep import", code: 'import { x } from "@tutti/ids/src/task-id.ts";' },
  { way: "a door that is not there", code: 'import { x } from "@tutti/ids/core";' },
  { way: "a relative path", code: 'import { x } from "../../../protocol/ids/src/index.ts";' },
  { way: "a relative path to a sibling", code: 'import { x } from "../../agent/src/index.ts";' },
  { way: "an absolute path", code: 'import { x } from "/opt/x.ts";' },
  { way: "a file URL", code: 'import { x } from "file:///opt/x.ts";' },
  { way: "a room that does not exist", code: 'import { x } from "@tutti/nothing";' },
  { way: "its own name", code: 'import { x } from "@tutti/master";' },
  {
    way: "new URL",
    code: 'export const u = new URL("../../agent/src/main.ts", import.meta.url);',
  },
  {
    way: "a dynamic deep import",
    code: 'export const u = await import("@tutti/ids/src/index.ts");',
  },
];

test.each(around)("[TDY4] no way around a door: $way", ({ code }) => {
  using planted = plant({ "kernel/master/src/a.ts": code }, target);
  expect(doorProblems(planted.house)).toMatchObject([
    { rule: "doors", path: "kernel/master/src/a.ts", line: 1 },
  ]);
});

test("[TDY4] doors, files of the room and the room's own package.json are open", () => {
  using planted = plant(
    {
      "kernel/master/src/core/a.ts": [
        'import { door } from "@tutti/ids";',
        'import { clock } from "@tutti/ports/node";',
        'import { x } from "../index.ts";',
        'import manifest from "../../package.json" with { type: "json" };',
        'export const u = new URL("./worker.ts", import.meta.url);',
      ].join("\n"),
      "foundation/ports/src/node/index.ts": "export const clock = 1;",
    },
    {
      ...target,
      "foundation/ports": { exports: { ".": "./src/index.ts", "./node": "./src/node/index.ts" } },
    },
  );
  expect(doorProblems(planted.house)).toEqual([]);
});

test("[TDY4] the installer may start a file of another room", () => {
  using planted = plant({
    "distribution/installer/src/a.ts":
      'export const u = new URL("../../node/src/main.ts", import.meta.url);',
  });
  expect(doorProblems(planted.house)).toEqual([]);
});

test("[TDY4] an example uses its room by name, as anybody would", () => {
  using planted = plant({
    "kernel/master/src/index.ts": "export const x = 1;",
    "kernel/master/examples/little/main.ts": 'import { x } from "@tutti/master";\nexport { x };',
  });
  expect(doorProblems(planted.house)).toEqual([]);
});
