import { describe, expect, test } from "vitest";
import { plant } from "../plant.ts";
import { directiveProblems } from "./directives.ts";
import { fileNameProblems } from "./file-names.ts";
import { fileSizeProblems } from "./file-size.ts";
import { lockfileProblems } from "./lockfile.ts";
import { oneVersionProblems } from "./one-version.ts";
import { syntaxProblems } from "./syntax.ts";
import { testsRunProblems } from "./tests-run.ts";
import { wordProblems } from "./words.ts";

test("[TDY8] one package in two versions is refused, with both places", () => {
  using planted = plant(
    {},
    {
      "kernel/master": { dependencies: { zod: "4.6.7" } },
      "kernel/agent": { dependencies: { zod: "4.6.6" } },
    },
  );
  expect(oneVersionProblems(planted.house)).toMatchObject([
    { message: expect.stringMatching(/4\.6\.7 in kernel\/master.*|4\.6\.6 in kernel\/agent.*/) },
  ]);
});

test.each([
  "acceptOffers.ts",
  "Accept.ts",
  "accept_offers.ts",
  "offer-utils.ts",
  "helpers/offers.ts",
])("[TDY9] the name %s is refused", (name) => {
  using planted = plant({ [`kernel/master/src/${name}`]: "export {};" });
  expect(fileNameProblems(planted.house)).toHaveLength(1);
});

test.each(["accept-offers.ts", "core/drf-sorter.test.ts", "v1/offers.property.ts"])(
  "[TDY9] the name %s is fine",
  (name) => {
    using planted = plant({ [`kernel/master/src/${name}`]: "export {};" });
    expect(fileNameProblems(planted.house)).toEqual([]);
  },
);

describe("words", () => {
  const refused = [
    ["// TO", "DO: write this"],
    ["# FIX", "ME"],
    ["X", "XX later"],
    ["a HA", "CK"],
    ["good enough for n", "ow"],
    ["cd /wo", "rk/main"],
    ["see '/fa", "rm/x'"],
    ["https://registry.npm", "js.org/x"],
    ["http://deb.deb", "ian.org"],
  ].map((pieces) => pieces.join(""));

  test.each(refused)("[TDY10] %s is refused", (text) => {
    using planted = plant({
      "docs/x.md": `fine\n${text}\n`,
      "kernel/master/src/a.ts": `// ${text}\n`,
    });
    expect(wordProblems(planted.house)).toMatchObject([
      { path: "docs/x.md", line: 2 },
      { path: "kernel/master/src/a.ts", line: 1 },
    ]);
  });

  test.each([
    "let now = 1; // wait for nowMs",
    "/run/x/work/dir",
    "mastodons",
    "hackathon",
    "/workshop/",
  ])("[TDY10] %s is fine", (text) => {
    using planted = plant({ "docs/x.md": text });
    expect(wordProblems(planted.house)).toEqual([]);
  });
});

describe("tests run", () => {
  const members = ["only", "skip", "todo", "fails", "skipIf", "runIf"];
  const code = (chain: string): string => `import { it } from "vitest";\n${chain}("x", () => {});`;

  test.each(members.flatMap((member) => [`it.${member}`, `describe.concurrent.${member}`]))(
    "[TDY11] %s is refused",
    (chain) => {
      using planted = plant({ "kernel/master/src/a.test.ts": code(chain) });
      expect(testsRunProblems(planted.house)).toMatchObject([{ line: 2 }]);
    },
  );

  test.each(["it.each", "test.concurrent", "offer.skip"])("[TDY11] %s is fine", (chain) => {
    using planted = plant({ "kernel/master/src/a.test.ts": code(chain) });
    expect(testsRunProblems(planted.house)).toEqual([]);
  });
});

describe("file size", () => {
  const long = "export {};\n".repeat(401);
  const path = "kernel/master/src/a.ts";

  test("[TDY12] a file of 401 lines is refused, a generated one is not", () => {
    using planted = plant({ [path]: long, "kernel/master/src/gen/a.ts": long });
    expect(fileSizeProblems(planted.house)).toMatchObject([{ path }]);
  });

  test("[TDY12] a test file may have 600 lines", () => {
    using planted = plant({
      "kernel/master/src/a.test.ts": long,
      "kernel/master/src/b.test.ts": "export {};\n".repeat(601),
    });
    expect(fileSizeProblems(planted.house)).toMatchObject([
      { path: "kernel/master/src/b.test.ts" },
    ]);
  });

  test("[TDY12] a reason excuses a long file, and a reason without a long file is refused", () => {
    using planted = plant({ [path]: long });
    expect(fileSizeProblems(planted.house, { [path]: "one table" })).toEqual([]);
    expect(
      fileSizeProblems(planted.house, { [path]: "one table", "sdk/x.ts": "gone" }),
    ).toMatchObject([{ path: "sdk/x.ts" }]);
  });
});

test.each([
  "// @ts-" + "expect-error because",
  "// @ts-" + "ignore",
  "/* oxlint-" + "disable */",
  "/* eslint-" + "disable no-var -- it is needed here */",
  "// oxlint-" + "disable-next-line no-var",
  "// oxlint-" + "disable-next-line no-var -- because",
])("[TDY13] %s is refused", (comment) => {
  using planted = plant({ "kernel/master/src/a.ts": `${comment}\nexport {};` });
  expect(directiveProblems(planted.house)).toHaveLength(1);
});

test("[TDY13] one silenced line with its reason is fine", () => {
  const comment = "// oxlint-" + "disable-next-line no-var -- the parser hands out nothing else";
  using planted = plant({ "kernel/master/src/a.ts": `${comment}\nexport {};` });
  expect(directiveProblems(planted.house)).toEqual([]);
});

describe("lock files", () => {
  test("[TDY16] one that names a host is refused", () => {
    using planted = plant({
      "package-lock.json":
        '{\n"packages": { "node_modules/x": {\n  "resolved": "https://example.org/x.tgz"\n}}}',
      "tools/runtime/package-lock.json":
        '{"packages": { "x": {\n  "resolved": "foundation/base"\n}}}',
    });
    expect(lockfileProblems(planted.house)).toMatchObject([{ path: "package-lock.json", line: 3 }]);
  });

  test("[TDY16] one that lacks an optional package of another system is refused", () => {
    const entry = {
      version: "1.0.0",
      optionalDependencies: { "x-linux": "1.0.0", "x-darwin": "1.0.0" },
    };
    const packages = { "node_modules/x": entry, "node_modules/x-linux": { version: "1.0.0" } };
    using planted = plant({ "package-lock.json": JSON.stringify({ packages }) });
    expect(lockfileProblems(planted.house)).toMatchObject([
      { message: expect.stringContaining("node_modules/x-darwin") },
    ]);
  });
});

test("[TDY17] a file that does not parse is refused, not passed over", () => {
  using planted = plant({ "kernel/master/src/a.ts": "export const = 1;" });
  expect(syntaxProblems(planted.house)).toMatchObject([{ path: "kernel/master/src/a.ts" }]);
});
