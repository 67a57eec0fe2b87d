import { expect, test, vi } from "vitest";
import { furnish, plant } from "./plant.ts";
import { formatTally, isGood } from "./tally.ts";
import type { Tally } from "./tally.ts";
import { runTests } from "./test-run.ts";

// A run within the run starts vitest several times.
vi.setConfig({ testTimeout: 300_000 });

const head = 'import { expect, test } from "vitest";\n';
const passing = `${head}test("passes", () => expect(1).toBe(1));\n`;
const good = {
  "foundation/base/src/good.test.ts": passing,
  "foundation/http/src/good.test.ts": passing,
  "proof/sim/src/good.test.ts": passing,
  "proof/e2e/src/good.test.ts": passing,
};

/** Runs the tests of a planted house whose set-up ends with `setUpCode`. */
async function run(
  files: Readonly<Record<string, string>>,
  { names = ["test"], setUpCode = 0 }: { names?: readonly string[]; setUpCode?: number } = {},
): Promise<Tally> {
  const setUp = `console.log("set-up of", process.argv.slice(2).join(" "));\nprocess.exitCode = ${setUpCode};\n`;
  using planted = plant({ "distribution/installer/src/main.ts": setUp, ...files });
  furnish(planted);
  return await runTests({ root: planted.root, names, show: () => {} });
}

test("[TDY32] every project is run and counted", async () => {
  const tally = await run(good);
  expect(tally).toEqual({ passed: 4, skipped: 0, failures: [] });
});

test("[TDY33] what fails in any way is counted, named and does not stop the rest", async () => {
  const tally = await run({
    ...good,
    "foundation/base/src/bad.test.ts": `${head}test("fails", () => expect(1).toBe(2));\n`,
    "foundation/http/src/broken.test.ts": 'throw new Error("broken on load");\n',
    "foundation/http/src/late.test.ts": `${head}test.${"skip"}("later", () => {});\n`,
  });
  expect(tally.passed).toBe(4);
  expect(tally.skipped).toBe(1);
  expect(tally.failures.map(({ name }) => name).toSorted()).toEqual([
    "foundation/base/src/bad.test.ts > fails",
    "foundation/http/src/broken.test.ts (the file itself)",
  ]);
  expect(formatTally(tally).split("\n").at(-1)).toBe("4 passed, 2 failed, 1 skipped");
});

test("[TDY33] an error outside every test is a failure", async () => {
  const loose = `${passing}void Promise.reject(new Error("loose end"));\n`;
  const tally = await run({ "proof/sim/src/loose.test.ts": loose });
  expect(tally).toMatchObject({
    passed: 1,
    failures: [{ name: "tests", message: "an error outside every test" }],
  });
  const told = formatTally(tally);
  expect(told).toContain("Error: loose end");
  expect(told).toContain("proof/sim/src/loose.test.ts");
});

test("[TDY33] an error outside every test is told beside a test that failed", async () => {
  const bad = `${head}test("fails", () => expect(1).toBe(2));\n`;
  const loose = `${bad}void Promise.reject(new Error("loose end"));\n`;
  const { failures } = await run({ "proof/sim/src/loose.test.ts": loose });
  expect(failures.map(({ name }) => name)).toEqual([
    "proof/sim/src/loose.test.ts > fails",
    "tests",
  ]);
});

test("[TDY33] hooks that fail after all tests of a file, or of a group in it, have passed are failures", async () => {
  const hook = (word: string): string => `afterAll(() => { throw new Error("${word}"); });`;
  const withHooks = head.replace("import { expect", "import { afterAll, describe, expect");
  const passes = 'test("passes", () => expect(1).toBe(1));';
  const tally = await run({
    "foundation/base/src/a.test.ts": `${withHooks}describe("in", () => { ${hook("of a group")} ${passes} });\n`,
    "foundation/http/src/b.test.ts": `${withHooks}${hook("of a file")} ${passes}\n`,
  });
  expect(tally).toMatchObject({ passed: 2, failures: [{}, { message: "of a file" }] });
  expect(formatTally(tally)).toContain("    | Error: of a group");
});

test("[TDY33] a run that ends badly without a word of vitest's own is told with its last lines", async () => {
  const end = `${passing}afterAll(() => process.kill(process.ppid, 9));\n`;
  const dying = end.replace("import { expect", "import { afterAll, expect");
  const tally = await run({ "proof/sim/src/dying.test.ts": dying });
  expect(tally.failures).toMatchObject([
    { name: "tests", message: "ended with code (signal) although no test failed" },
  ]);
  expect(formatTally(tally)).toContain("    |  RUN  v");
});

test("[TDY34] without the set-up, end to end is not run and counts as failed", async () => {
  const tally = await run(good, { setUpCode: 1 });
  expect(tally.passed).toBe(3);
  expect(tally.failures).toMatchObject([
    { name: "set-up", message: "set-up of setup --for test" },
    { name: "e2e", message: "not run: the set-up failed" },
  ]);
});

test("[TDY31] a name that meets no test is a bad run", async () => {
  expect(isGood(await run(good, { names: ["nothing-of-that-name"] }))).toBe(false);
});

test("[TDY35] without names the guards are counted, one each, and a project without tests fails", async () => {
  const tally = await run({ "foundation/base/src/good.test.ts": passing }, { names: [] });
  const names = tally.failures.map(({ name }) => name);
  expect(names).toContain("guard: laws");
  expect(names).toContain("guard: format");
  expect(names).toContain("sim");
  expect(names).toContain("e2e");
});
