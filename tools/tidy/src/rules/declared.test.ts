import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { declaredProblems } from "./declared.ts";

test("[TDY3] an import of a room that the package.json does not name is refused", () => {
  using planted = plant(
    { "kernel/master/src/a.ts": 'import { door } from "@tutti/base";' },
    { "foundation/base": {} },
  );
  expect(declaredProblems(planted.house)).toMatchObject([
    { rule: "declared", path: "kernel/master/src/a.ts", line: 1 },
  ]);
});

test("[TDY3] an import of an outside package that only the checkout has is refused", () => {
  using planted = plant({ "kernel/master/src/a.ts": 'import { z } from "zod/mini";' });
  expect(declaredProblems(planted.house)[0]?.message).toContain("zod is imported");
});

test("[TDY3] a declared room that nobody imports is refused", () => {
  using planted = plant(
    {},
    {
      "kernel/master": { dependencies: { "@tutti/base": "0.1.0" } },
      "foundation/base": {},
    },
  );
  expect(declaredProblems(planted.house)).toMatchObject([{ path: "kernel/master/package.json" }]);
});

test("[TDY3] a test may use the checkout's tools, a source file may not", () => {
  using planted = plant({
    "kernel/master/src/a.test.ts": 'import { test } from "vitest";',
    "kernel/master/src/b.ts": 'import { test } from "vitest";',
  });
  expect(declaredProblems(planted.house)).toMatchObject([{ path: "kernel/master/src/b.ts" }]);
});

test("[TDY3] what is only a development dependency serves tests, not sources", () => {
  using planted = plant(
    {
      "kernel/master/src/a.test.ts": 'import { door } from "@tutti/testkit";',
      "kernel/master/src/b.ts": 'import { door } from "@tutti/testkit";',
    },
    {
      "kernel/master": { devDependencies: { "@tutti/testkit": "0.1.0" } },
      "foundation/testkit": {},
    },
  );
  expect(declaredProblems(planted.house)).toMatchObject([{ path: "kernel/master/src/b.ts" }]);
});

test("[TDY3] Node's own modules and files of the room need no declaration", () => {
  using planted = plant({
    "kernel/master/src/a.ts":
      'import { readFileSync } from "node:fs";\nimport { door } from "./index.ts";',
  });
  expect(declaredProblems(planted.house)).toEqual([]);
});
