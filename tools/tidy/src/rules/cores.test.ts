import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { coreProblems } from "./cores.ts";

const twoDoors = { exports: { ".": "./src/index.ts", "./core": "./src/core/index.ts" } };
const rooms = {
  "foundation/base": {},
  "foundation/ports": { exports: { ".": "./src/index.ts", "./node": "./src/node/index.ts" } },
  "foundation/http": {},
  "kernel/containerizer": twoDoors,
};

const impure = [
  { what: "Node", path: "kernel/agent/src/core/a.ts", code: 'import "node:fs";' },
  { what: "its shell", path: "kernel/agent/src/core/a.ts", code: 'import "../shell/b.ts";' },
  { what: "the shell's door", path: "kernel/agent/src/core/a.ts", code: 'import "../index.ts";' },
  {
    what: "a room with a shell",
    path: "kernel/agent/src/core/a.ts",
    code: 'import "@tutti/http";',
  },
  {
    what: "a door that opens on a shell",
    path: "kernel/agent/src/core/a.ts",
    code: 'import "@tutti/containerizer";',
  },
  { what: "Node's ports", path: "kernel/agent/src/core/a.ts", code: 'import "@tutti/ports/node";' },
  { what: "a package from outside", path: "kernel/allocator/src/a.ts", code: 'import "zod";' },
  { what: "Node's side", path: "foundation/ports/src/a.ts", code: 'import "./node/b.ts";' },
  { what: "Math as a value", path: "kernel/agent/src/core/a.ts", code: "export const M = Math;" },
  {
    what: "Math taken apart",
    path: "kernel/agent/src/core/a.ts",
    code: "const { random } = Math; export const r = random;",
  },
  {
    what: "Math by a computed name",
    path: "kernel/agent/src/core/a.ts",
    code: 'export const r = Math["random"]();',
  },
  {
    what: "its own place",
    path: "kernel/agent/src/core/a.ts",
    code: "export const here = import.meta.url;",
  },
];

test.each(impure)("[TDY6] a core does not use $what", ({ path, code }) => {
  using planted = plant({ [path]: code }, rooms);
  expect(coreProblems(planted.house)).toMatchObject([{ rule: "cores", path, line: 1 }]);
});

test("[TDY6] a core uses its own files, pure rooms, interfaces of ports and ./core doors", () => {
  using planted = plant(
    {
      "kernel/agent/src/core/a.ts": [
        'import "./b.ts";',
        'import "../core/c.ts";',
        'import "@tutti/base";',
        'import "@tutti/ports";',
        'import "@tutti/containerizer/core";',
        "export const most = Math.max(1, 2);",
      ].join("\n"),
      "kernel/agent/src/core/a.test.ts": 'import "node:fs";',
      "kernel/agent/src/shell/b.ts": 'import "node:fs"; import "@tutti/http"; import "undici";',
      "protocol/marathon-v2/src/a.ts": 'import "zod";',
      "foundation/ports/src/node/a.ts": 'import "node:fs";',
    },
    rooms,
  );
  expect(coreProblems(planted.house)).toEqual([]);
});
