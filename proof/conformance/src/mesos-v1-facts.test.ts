import { readFileSync } from "node:fs";
import { enums, messages } from "@tutti/mesos-v1";
import type { EnumDescriptor, FieldDescriptor, MessageDescriptor } from "@tutti/mesos-v1";
import { describe, expect, test } from "vitest";

const facts = readFacts();
const allMessages: readonly MessageDescriptor[] = Object.values(messages);
const allEnums: readonly EnumDescriptor[] = Object.values(enums);

describe("[MV14] the schema holds the facts of the public interface", () => {
  test("the same messages and enums, and the duration that is not Mesos's own", () => {
    const known = [...allMessages, ...allEnums].map((type) => type.fullName);
    expect(known.toSorted()).toEqual([...facts.keys(), "google.protobuf.Duration"].toSorted());
  });

  test("every field: number, name, label, type, default, deprecated, oneof", () => {
    for (const message of allMessages) {
      if (message.fullName === "google.protobuf.Duration") continue;
      const lines = message.fields.map((field) => factOf(field));
      expect([message.fullName, ...lines]).toEqual([
        message.fullName,
        ...(facts.get(message.fullName) ?? []),
      ]);
    }
  });

  test("every value of every enum", () => {
    for (const type of allEnums) {
      const values = type.names.map((name) => {
        const deprecated = type.deprecatedNames.includes(name) ? "(deprecated)" : "";
        return `${name}=${type.numberByName.get(name)}${deprecated}`;
      });
      expect([type.fullName, ...values]).toEqual([
        type.fullName,
        ...(facts.get(type.fullName) ?? []),
      ]);
    }
  });
});

/** The lines of each message and the values of each enum, by full name. */
function readFacts(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(new URL("../facts/mesos-v1.txt", import.meta.url), "utf8");
  const found = new Map<string, string[]>();
  let packageName = "";
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    const [word = "", name = ""] = line.split(/[ :]/);
    if (word === "file") packageName = /package (\S+)/.exec(line)?.[1] ?? "";
    else if (word === "message") {
      lines = [];
      found.set(`${packageName}.${name}`, lines);
    } else if (word === "enum") {
      found.set(`${packageName}.${name}`, line.slice(line.indexOf(": ") + 2).split(" "));
    } else if (line.startsWith("  ")) lines.push(line.trim());
  }
  return found;
}

function factOf(field: FieldDescriptor): string {
  const type = typeOf(field);
  const shape = field.label === "map" ? `map<string,${type}>` : `${field.label} ${type}`;
  const byDefault = field.default === undefined ? "" : ` default=${field.default}`;
  const deprecated = field.deprecated ? " deprecated" : "";
  const oneof = field.oneof === undefined ? "" : ` oneof=${field.oneof}`;
  return `${field.number} ${field.name} ${shape}${byDefault}${deprecated}${oneof}`;
}

function typeOf(field: FieldDescriptor): string {
  if (field.kind === "scalar") return field.scalar;
  const { fullName } = field.kind === "enum" ? field.enumType : field.message;
  return fullName.replace(/^mesos\.v1\./, "");
}
