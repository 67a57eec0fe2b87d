import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { GuardResult } from "./guards.ts";
import { formatGuardResult, guardsOf, runGuards } from "./guards.ts";
import { isCorePath } from "./layers.ts";
import { checkout, furnish, plant, roomManifest } from "./plant.ts";
import { runCommand } from "./run-command.ts";

/** A planted breach, the guard that must refuse it, and what the guard says about `path`. */
interface Breach {
  readonly guard: string;
  readonly what: string;
  readonly path: string;
  readonly files: Readonly<Record<string, string>>;
  readonly says: string;
}

/** Breaches of one file each in the master's core, given as code. */
function inCore(
  guard: string,
  rows: readonly { readonly what: string; readonly code: string; readonly says: string }[],
): Breach[] {
  return rows.map(({ what, code, says }) => {
    const path = `kernel/master/src/core/${guard} ${what}.ts`
      .toLowerCase()
      .replaceAll(/[^a-z0-9/.]+/g, "-");
    return { guard, what, path, files: { [path]: `${code}\n` }, says };
  });
}

const typeBreaches = inCore("types", [
  { what: "a type error", code: 'export const x: number = "1";', says: "TS2322" },
  { what: "an enum", code: "export enum X { A }", says: "TS1294" },
  { what: "an unused local", code: "const x = 1;\nexport {};", says: "TS6133" },
]);

const coreTypeBreaches = inCore("types of cores", [
  {
    what: "node:fs",
    code: 'import { readFileSync } from "node:fs";\nreadFileSync("x");',
    says: "node:fs",
  },
  { what: "console", code: 'console.log("x");', says: "console" },
  { what: "setTimeout", code: "setTimeout(() => {}, 1);", says: "setTimeout" },
  { what: "Buffer", code: 'export const b = Buffer.from("x");', says: "Buffer" },
  { what: "process", code: "export const p = process.pid;", says: "process" },
  { what: "URL", code: 'export const u = new URL("http://x");', says: "URL" },
  { what: "TextEncoder", code: "export const t = new TextEncoder();", says: "TextEncoder" },
  { what: "performance", code: "export const t = performance.now();", says: "performance" },
]);

const lintBreaches = inCore("lint", [
  { what: "Date.now", code: "export const t = Date.now();", says: "A core has no clock" },
  { what: "new Date", code: "export const t = new Date();", says: "A core has no clock" },
  { what: "performance", code: "export const t = performance.now();", says: "A core has no clock" },
  { what: "Math.random", code: "export const r = Math.random();", says: "no chance of its own" },
  { what: "a timer", code: "setTimeout(() => {}, 1);", says: "A core starts no timer" },
  { what: "console", code: 'console.log("x");', says: "A core prints nothing" },
  { what: "process", code: "export const p = process.pid;", says: "A core knows no process" },
  { what: "Buffer", code: 'export const b = Buffer.from("x");', says: "Buffer is Node's" },
  { what: "globalThis", code: "export const D = globalThis.Date;", says: "way around every ban" },
  { what: "node:fs", code: 'import "node:fs";', says: "A core does no input or output" },
  { what: "fs", code: 'import "fs";', says: "A core does no input or output" },
  { what: "Node's ports", code: 'import "@tutti/ports/node";', says: "belongs to shells" },
  { what: "the locale", code: 'export const o = "a".localeCompare("b");', says: "locale" },
  { what: "async", code: "export async function f() { await 1; }", says: "no-async-await" },
  { what: "any", code: "export const x: any = 1;", says: "no-explicit-any" },
  { what: "an unexplained !", code: "export const f = (x?: string) => x!;", says: "no-non-null" },
  { what: "a default export", code: "export default 1;", says: "no-default-export" },
  {
    what: "a floating promise",
    code: "declare function f(): Promise<void>;\nf();",
    says: "no-floating-promises",
  },
  {
    what: "a default that hides what a core forgot",
    code: 'export function f(x: "a" | "b"): void {\n  switch (x) {\n    case "a":\n      break;\n    default:\n  }\n}',
    says: "switch-exhaustiveness-check",
  },
  {
    what: "a switch with a hole",
    code: 'export function f(x: "a" | "b"): void {\n  switch (x) {\n    case "a":\n      break;\n  }\n}',
    says: "switch-exhaustiveness-check",
  },
]);

/** One folder of each kind that holds a core. */
const corePlaces = [
  "foundation/base/src",
  "foundation/coordination/src/core",
  "foundation/machine/src",
  "foundation/ports/src",
  "foundation/testkit/src",
  "protocol/ids/src",
  "sdk/src/core",
  "kernel/agent/src/core/status",
  "kernel/allocator/src",
  "kernel/executor/src",
  "userspace/marathon/src/core",
  "distribution/simulator/src",
];

const placeBreaches = corePlaces.flatMap((place): Breach[] => [
  {
    guard: "lint",
    what: `a clock in ${place}`,
    path: `${place}/clock.ts`,
    files: { [`${place}/clock.ts`]: "export const t = Date.now();\n" },
    says: "A core has no clock",
  },
  {
    guard: "types of cores",
    what: `a console in ${place}`,
    path: `${place}/console.ts`,
    files: { [`${place}/console.ts`]: 'console.log("x");\n' },
    says: "console",
  },
]);

const lint = { guard: "lint" };
const otherBreaches: readonly Breach[] = [
  {
    ...lint,
    what: "files in a circle",
    path: "kernel/agent/src/a.ts",
    files: {
      "kernel/agent/src/a.ts": 'import { b } from "./b.ts";\nexport const a = b;\n',
      "kernel/agent/src/b.ts": 'import type { a } from "./a.ts";\nexport const b: typeof a = 1;\n',
    },
    says: "no-cycle",
  },
  {
    ...lint,
    what: "a skipped test",
    path: "kernel/agent/src/skipped.test.ts",
    files: {
      "kernel/agent/src/skipped.test.ts": `import { it } from "vitest";\nit.${"skip"}("x", () => {});\n`,
    },
    says: "no-disabled-tests",
  },
  {
    ...lint,
    what: "a mock",
    path: "kernel/agent/src/mock.test.ts",
    files: {
      "kernel/agent/src/mock.test.ts": 'import { vi } from "vitest";\nvi.mock("./b.ts");\n',
    },
    says: "No mocks",
  },
  ...inCore("lint", [
    {
      what: "a useless silencing",
      code: `// oxlint-${"disable"}-next-line no-var -- nothing to see here\nexport {};`,
      says: "Unused",
    },
  ]),
  ...inCore("format", [
    { what: "code that is not formatted", code: "export   const x = 1", says: "ms)" },
  ]),
  {
    guard: "laws",
    what: "a forbidden import",
    path: "kernel/master/src/a.ts",
    files: {
      "kernel/master/src/a.ts": 'import "@tutti/marathon";',
      "userspace/marathon/src/a.ts": "",
    },
    says: "never import one another",
  },
  {
    guard: "dead code",
    what: "a file nobody imports",
    path: "kernel/master/src/lonely.ts",
    files: { "kernel/master/src/lonely.ts": "export const x = 1;\n" },
    says: "kernel/master/src/lonely.ts",
  },
  {
    guard: "dead code",
    what: "an export nobody imports",
    path: "kernel/agent/src/a.ts",
    files: {
      "kernel/agent/src/index.ts": 'export { used } from "./a.ts";\n',
      "kernel/agent/src/a.ts": "export const used = 1;\nexport const unusedOne = 1;\n",
    },
    says: "unusedOne",
  },
  {
    guard: "dead code",
    what: "a type nobody imports",
    path: "kernel/executor/src/a.ts",
    files: {
      "kernel/executor/src/index.ts": 'export { used } from "./a.ts";\n',
      "kernel/executor/src/a.ts": "export const used = 1;\nexport type UnusedOne = string;\n",
    },
    says: "UnusedOne",
  },
  {
    guard: "dead code",
    what: "a package nobody imports",
    path: "kernel/allocator/package.json",
    files: {
      "kernel/allocator/package.json": roomManifest("kernel/allocator", {
        dependencies: { zod: "4.6.7" },
      }),
    },
    says: "zod",
  },
  {
    guard: "dead doors",
    what: "a door that lets out what nobody takes",
    path: "foundation/base/src/index.ts",
    files: { "foundation/base/src/index.ts": "export const nobodyTakesThis = 1;\n" },
    says: "nobodyTakesThis",
  },
  {
    guard: "code only tests use",
    what: "code that only its test calls",
    path: "kernel/master/src/a.ts",
    files: {
      "kernel/master/src/main.ts": 'import { used } from "./a.ts";\nused();\n',
      "kernel/master/src/index.ts": "export {};\n",
      "kernel/master/src/a.ts":
        "export const used = () => 1;\nexport const onlyTested = () => 2;\n",
      "kernel/master/src/a.test.ts": 'import { onlyTested } from "./a.ts";\nonlyTested();\n',
    },
    says: "onlyTested",
  },
];

const breaches = [
  ...typeBreaches,
  ...coreTypeBreaches,
  ...lintBreaches,
  ...placeBreaches,
  ...otherBreaches,
];
const guardNames = guardsOf(checkout).map((guard) => guard.name);

/** What a guard says, complaint by complaint: paragraphs of oxlint, lines of the others. */
function complaintsOf(result: GuardResult): string[] {
  return result.outcome.output.split(result.name === "lint" ? "\n\n" : "\n");
}

describe("each guard refuses what it is there for", { timeout: 180_000 }, () => {
  const results = new Map<string, GuardResult>();

  // One house for each guard, with all its breaches, judged by the real guard.
  beforeAll(async () => {
    for (const name of guardNames) {
      const files = breaches.filter(({ guard }) => guard === name).map((breach) => breach.files);
      using planted = plant(Object.assign({}, ...files) as Record<string, string>);
      furnish(planted);
      const guards = guardsOf(planted.root).filter((guard) => guard.name === name);
      await runGuards(guards, (result) => results.set(name, result));
    }
  }, 180_000);

  test.each(corePlaces)("[TDY6] %s is a core for the laws too", (place) => {
    expect(isCorePath(`${place}/clock.ts`)).toBe(true);
    expect(isCorePath(`${place}/clock.test.ts`)).toBe(false);
  });

  test.each(guardNames)("[TDY20] %s fails and is told from one that passed", (name) => {
    const result = results.get(name);
    expect(result?.passed).toBe(false);
    expect(result === undefined ? "" : formatGuardResult(result)).toMatch(/^FAILED /);
  });

  test.each(breaches)("[TDY20] $guard refuses $what", ({ guard, path, says }) => {
    const result = results.get(guard);
    const complaints = result === undefined ? [] : complaintsOf(result);
    const about = complaints.filter((complaint) => complaint.includes(path));
    expect(about).toContainEqual(expect.stringContaining(says));
  });
});

describe("each guard lets a house in good order pass", { timeout: 180_000 }, () => {
  const results = new Map<string, GuardResult>();
  const bump = [
    'import { door } from "@tutti/base";',
    "",
    "export function bump(x: number): number {",
    "  return x + door;",
    "}",
  ];
  const bumpTest = [
    'import { readFileSync } from "node:fs";',
    'import { expect, test } from "vitest";',
    'import { bump } from "./bump.ts";',
    "",
    'test("bump", () => {',
    '  expect(bump(readFileSync("x").length)).toBe(Date.now());',
    "});",
  ];
  const simMain = [
    'import { bump } from "@tutti/master";',
    'import { bump as same } from "@tutti/master/core";',
    "",
    'function isFirst(x: "a" | "b" | "c"): boolean {',
    "  switch (x) {",
    '    case "a":',
    "      return true;",
    "    default:",
    "      return false;",
    "  }",
    "}",
    "",
    'console.log(bump(1), same(1), isFirst("b"));',
  ];
  const changelog = [
    "# Changelog",
    "## 0.1.0 (unreleased)",
    "### Safety and performance",
    "- Nothing.",
    "### Features",
    "- Nothing.",
    "### Internals",
    "- Nothing.",
  ];

  beforeAll(async () => {
    using planted = plant(
      {
        "kernel/master/src/index.ts": 'export { bump } from "./core/index.ts";\n',
        "kernel/master/src/core/index.ts": 'export { bump } from "./bump.ts";\n',
        "kernel/master/src/core/bump.ts": `${bump.join("\n")}\n`,
        "kernel/master/src/core/bump.test.ts": `${bumpTest.join("\n")}\n`,
        "proof/sim/src/main.ts": `${simMain.join("\n")}\n`,
        "CHANGELOG.md": `${changelog.join("\n\n")}\n`,
      },
      {
        "kernel/master": {
          exports: { ".": "./src/index.ts", "./core": "./src/core/index.ts" },
          dependencies: { "@tutti/base": "0.1.0" },
        },
        "proof/sim": { exports: {}, dependencies: { "@tutti/master": "0.1.0" } },
        "foundation/base": {},
      },
    );
    furnish(planted);
    await runCommand({
      file: join(checkout, "node_modules/.bin/oxfmt"),
      args: ["."],
      cwd: planted.root,
      deadlineMs: 60_000,
    });
    await runGuards(guardsOf(planted.root), (result) => results.set(result.name, result));
  }, 180_000);

  test.each(guardNames)("[TDY21] %s", (name) => {
    const result = results.get(name);
    expect(result?.passed, result?.outcome.output).toBe(true);
  });
});
