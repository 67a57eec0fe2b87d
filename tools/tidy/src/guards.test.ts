import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { GuardResult } from "./guards.ts";
import { formatGuardResult, guardsOf, runGuards } from "./guards.ts";
import { checkout, furnish, plant } from "./plant.ts";
import { runCommand } from "./run-command.ts";

const core = "kernel/master/src/core/a.ts";

/** Runs one real guard with the checkout's own settings over a planted house. */
async function judge(name: string, files: Readonly<Record<string, string>>): Promise<GuardResult> {
  using planted = plant(files);
  furnish(planted);
  const guards = guardsOf(planted.root).filter((guard) => guard.name === name);
  const [result] = await runGuards(guards, () => {});
  if (result === undefined) throw new Error(`no guard is named ${name}`);
  return result;
}

/** A planted breach, the guard that must refuse it, and what it says. */
interface Breach {
  readonly guard: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly says: string;
}

function inCore(code: string): Readonly<Record<string, string>> {
  return { [core]: `${code}\n` };
}

const typeBreaches: readonly Breach[] = [
  { what: "a type error", code: 'export const x: number = "1";', says: "TS2322" },
  { what: "an enum", code: "export enum X { A }", says: "TS1294" },
  { what: "an unused local", code: "const x = 1;\nexport {};", says: "TS6133" },
].map(({ what, code, says }) => ({ guard: "types", what, files: inCore(code), says }));

const coreTypeBreaches: readonly Breach[] = [
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
].map(({ what, code, says }) => ({ guard: "types of cores", what, files: inCore(code), says }));

const lintBreaches: readonly Breach[] = [
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
    what: "a switch with a hole",
    code: 'export function f(x: "a" | "b"): void {\n  switch (x) {\n    case "a":\n      break;\n  }\n}',
    says: "switch-exhaustiveness-check",
  },
].map(({ what, code, says }) => ({ guard: "lint", what, files: inCore(code), says }));

const otherBreaches: readonly Breach[] = [
  {
    guard: "lint",
    what: "files in a circle",
    files: {
      "kernel/master/src/a.ts": 'import { b } from "./b.ts";\nexport const a = b;\n',
      "kernel/master/src/b.ts": 'import type { a } from "./a.ts";\nexport const b: typeof a = 1;\n',
    },
    says: "no-cycle",
  },
  {
    guard: "lint",
    what: "a skipped test",
    files: {
      "kernel/master/src/a.test.ts": 'import { it } from "vitest";\nit.sk' + 'ip("x", () => {});\n',
    },
    says: "no-disabled-tests",
  },
  {
    guard: "lint",
    what: "a mock",
    files: { "kernel/master/src/a.test.ts": 'import { vi } from "vitest";\nvi.mock("./b.ts");\n' },
    says: "No mocks",
  },
  {
    guard: "lint",
    what: "a useless silencing",
    files: inCore("// oxlint-disable-" + "next-line no-var -- nothing to see here\nexport {};"),
    says: "Unused",
  },
  {
    guard: "format",
    what: "code that is not formatted",
    files: inCore("export   const x = 1"),
    says: core,
  },
  {
    guard: "laws",
    what: "a forbidden import",
    files: {
      "kernel/master/src/a.ts": 'import "@tutti/marathon";',
      "userspace/marathon/src/a.ts": "",
    },
    says: "never import one another",
  },
  {
    guard: "dead code",
    what: "a file nobody imports",
    files: { "kernel/master/src/lonely.ts": "export const x = 1;\n" },
    says: "kernel/master/src/lonely.ts",
  },
  {
    guard: "dead code",
    what: "an export nobody imports",
    files: {
      "kernel/master/src/index.ts": 'export { used } from "./a.ts";\n',
      "kernel/master/src/a.ts": "export const used = 1;\nexport const unusedOne = 1;\n",
    },
    says: "unusedOne",
  },
  {
    guard: "dead code",
    what: "a type nobody imports",
    files: {
      "kernel/master/src/index.ts": 'export { used } from "./a.ts";\n',
      "kernel/master/src/a.ts": "export const used = 1;\nexport type UnusedOne = string;\n",
    },
    says: "UnusedOne",
  },
  {
    guard: "dead doors",
    what: "a door that lets out what nobody takes",
    files: { "foundation/base/src/index.ts": "export const nobodyTakesThis = 1;\n" },
    says: "nobodyTakesThis",
  },
  {
    guard: "code only tests use",
    what: "code that only its test calls",
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

describe.concurrent("each guard refuses what it is there for", () => {
  test.each([...typeBreaches, ...coreTypeBreaches, ...lintBreaches, ...otherBreaches])(
    "[TDY20] $guard refuses $what",
    async ({ guard, files, says }) => {
      const result = await judge(guard, files);
      expect(result.passed).toBe(false);
      expect(formatGuardResult(result)).toContain(says);
    },
  );
});

describe("each guard lets a house in good order pass", () => {
  const results = new Map<string, GuardResult>();
  beforeAll(async () => {
    const bump =
      'import { door } from "@tutti/base";\n\nexport function bump(x: number): number {\n  return x + door;\n}\n';
    using planted = plant(
      {
        "kernel/master/src/core/index.ts": 'export { bump } from "./bump.ts";\n',
        "kernel/master/src/core/bump.ts": bump,
        "kernel/master/src/core/bump.test.ts":
          'import { readFileSync } from "node:fs";\nimport { expect, test } from "vitest";\nimport { bump } from "./bump.ts";\n\ntest("bump", () => {\n  expect(bump(readFileSync("x").length)).toBe(Date.now());\n});\n',
        "kernel/master/src/main.ts":
          'import { bump } from "./core/index.ts";\n\nconsole.log(bump(Date.now()));\n',
        "kernel/master/src/index.ts": 'export { bump } from "./core/index.ts";\n',
        "proof/sim/src/main.ts":
          'import { bump } from "@tutti/master";\nimport { bump as same } from "@tutti/master/core";\n\nconsole.log(bump(1), same(1));\n',
        "CHANGELOG.md":
          "# Changelog\n\n## 0.1.0 (unreleased)\n\n### Safety and performance\n\n- Nothing.\n\n### Features\n\n- Nothing.\n\n### Internals\n\n- Nothing.\n",
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
  });

  test.each(guardsOf(checkout).map((guard) => guard.name))("[TDY21] %s", (name) => {
    const result = results.get(name);
    expect(result?.passed, result?.outcome.output).toBe(true);
  });
});
