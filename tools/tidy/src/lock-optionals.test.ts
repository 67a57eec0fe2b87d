import { expect, test } from "vitest";
import { completeLock, missingOptionals } from "./lock-optionals.ts";

test("a foreign package gets the version, system, processor and library of its name", () => {
  const names = ["@x/binding-linux-arm64-musl", "@x/binding-win32-x64-msvc", "fsevents"];
  const optionalDependencies = Object.fromEntries(names.map((name) => [name, "~1.2.3"]));
  expect(missingOptionals({ "node_modules/x": { dev: true, optionalDependencies } })).toEqual({
    "node_modules/@x/binding-linux-arm64-musl": {
      version: "1.2.3",
      dev: true,
      cpu: ["arm64"],
      libc: ["musl"],
      os: ["linux"],
      optional: true,
    },
    "node_modules/@x/binding-win32-x64-msvc": {
      version: "1.2.3",
      dev: true,
      cpu: ["x64"],
      os: ["win32"],
      optional: true,
    },
    "node_modules/fsevents": { version: "1.2.3", dev: true, os: ["darwin"], optional: true },
  });
});

test("another version of the same package lies beside the package that wants it", () => {
  const wants = (version: string) => ({ version, optionalDependencies: { "x-darwin": version } });
  expect(
    missingOptionals({
      "node_modules/x": wants("1.0.0"),
      "node_modules/x-darwin": { version: "1.0.0" },
      "room/node_modules/x": wants("2.0.0"),
    }),
  ).toMatchObject({ "room/node_modules/x-darwin": { version: "2.0.0" } });
});

test("a complete lock file stays as it is, byte for byte", () => {
  const text = '{"lockfileVersion":3,"packages":{"node_modules/x":{"version":"1.0.0"}}}';
  expect(completeLock(text)).toBe(text);
});

test("completing twice is completing once", () => {
  const packages = { "node_modules/x": { optionalDependencies: { "x-darwin": "1.0.0" } } };
  const once = completeLock(JSON.stringify({ packages }));
  expect(once).toContain("node_modules/x-darwin");
  expect(completeLock(once)).toBe(once);
});
