import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { expectedMesosV1Files, mesosV1Generated } from "./generated-files.ts";
import { generateMesosV1 } from "./generate-mesos-v1.ts";
import { typeNameOf } from "./schema-model.ts";

test("the generated files of mesos-v1 are what the schema says; else run node tools/gen/src/main.ts", async () => {
  const expected = await expectedMesosV1Files();
  const names = await readdir(mesosV1Generated);
  expect(names.toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, text] of expected) {
    expect([name, await readFile(new URL(name, mesosV1Generated), "utf8")]).toEqual([name, text]);
  }
});

test.each([
  ["mesos.v1", ["FrameworkInfo", "Capability"], "FrameworkInfoCapability"],
  ["mesos.v1.scheduler", ["Call", "Accept"], "SchedulerCallAccept"],
  ["mesos.v1.quota", ["QuotaInfo"], "QuotaInfo"],
  ["mesos.v1.resource_provider", ["Call"], "ResourceProviderCall"],
])("names: %s %j is %s", (packageName, nested, expected) => {
  expect(typeNameOf(packageName, nested)).toBe(expected);
});

test("a schema that says something twice is refused", () => {
  const twice =
    'syntax = "proto2"; package mesos.v1; message A {} message B { message C {} } message BC {}';
  expect(() => generateMesosV1([twice])).toThrow("BC is declared twice");
});
