import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { roomShapeProblems } from "./room-shape.ts";

const folder = "kernel/master";

const crooked = [
  { what: "another name", changes: { name: "@tutti/lord" }, says: "should be @tutti/master" },
  { what: "another version", changes: { version: "0.2.0" }, says: "the checkout's is 0.1.0" },
  { what: "a public package", changes: { private: false }, says: '"private"' },
  { what: "another licence", changes: { license: "MIT" }, says: "Apache-2.0" },
  { what: "CommonJS", changes: { type: "commonjs" }, says: '"type"' },
  { what: "a door of its own", changes: { exports: { "./x": "./src/x.ts" } }, says: "door ./x" },
  {
    what: "a door elsewhere",
    changes: { exports: { ".": "./src/main.ts" } },
    says: "opens on ./src/main.ts",
  },
  {
    what: "a door on a missing file",
    changes: { exports: { ".": "./src/index.ts", "./core": "./src/core/index.ts" } },
    says: "does not exist",
  },
  {
    what: "a range of versions",
    changes: { dependencies: { zod: "^4.0.0" } },
    says: "versions are exact",
  },
  {
    what: "another version of a room",
    changes: { dependencies: { "@tutti/base": "0.0.9" } },
    says: "lock-step",
  },
];

test.each(crooked)("[TDY7] a room with $what is refused", ({ changes, says }) => {
  using planted = plant({}, { [folder]: changes, "foundation/base": {} });
  const messages = roomShapeProblems(planted.house).map((problem) => problem.message);
  expect(messages).toContainEqual(expect.stringContaining(says));
});

test("[TDY7] a room without a README, or with an empty one, is refused", () => {
  using planted = plant({ "kernel/agent/README.md": "# Agent\n" }, { [folder]: {} });
  expect(roomShapeProblems(planted.house)).toMatchObject([{ message: "README.md says nothing" }]);
  const without = {
    ...planted.house,
    files: planted.house.files.filter((file) => file.path !== `${folder}/README.md`),
  };
  expect(roomShapeProblems(without)).toMatchObject([
    { message: "README.md says nothing" },
    { message: expect.stringContaining("no README.md") },
  ]);
});

test("[TDY7] a door that exports nothing is refused", () => {
  using planted = plant({ [`${folder}/src/index.ts`]: "export {};\n" });
  expect(roomShapeProblems(planted.house)).toMatchObject([
    { message: expect.stringContaining("lets nothing through") },
  ]);
});

test("[TDY7] a room without a door must run", () => {
  using planted = plant(
    { "proof/e2e/src/story.test.ts": "export {};", "interfaces/cli/src/main.ts": "export {};" },
    { "proof/e2e": { exports: {} }, "interfaces/cli": { exports: {} }, [folder]: { exports: {} } },
  );
  expect(roomShapeProblems(planted.house)).toMatchObject([
    {
      path: `${folder}/package.json`,
      message: expect.stringContaining("no door and no src/main.ts"),
    },
  ]);
});
