import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseAppId,
  parseGroupId,
  parseInstanceId,
  parseRoleName,
  parseTaskId,
  parseUpdateUuid,
  updateUuidOf,
  uuidBase64Of,
  uuidTextOf,
} from "./index.ts";

function outcome(result: { readonly ok: boolean } & object): unknown {
  return "error" in result
    ? (result.error as { message: string }).message
    : Reflect.get(result, "value");
}

describe("[IDS1] ids of the Mesos API", () => {
  test.each([
    ["a", "a"],
    ["a task with spaces", "a task with spaces"],
    ["ü.ber", "ü.ber"],
    ["x".repeat(255), "x".repeat(255)],
    ["", "ID must not be empty"],
    ["x".repeat(256), "ID must not be greater than 255 characters"],
    ["ü".repeat(128), "ID must not be greater than 255 characters"],
    [".", "'.' is disallowed"],
    ["..", "'..' is disallowed"],
    ["a/b", "'a/b' contains invalid characters"],
    ["a\\b", "'a\\b' contains invalid characters"],
    ["a\nb", "'a\nb' contains invalid characters"],
  ])("%j", (text, expected) => {
    expect(outcome(parseTaskId(text))).toBe(expected);
  });
});

describe("[IDS2] roles", () => {
  test.each([
    ["*", "*"],
    ["slave_public", "slave_public"],
    ["eng/web/a-b", "eng/web/a-b"],
    ["", "Empty role name is invalid"],
    ["/a", "Role '/a' cannot start with a slash"],
    ["a/", "Role 'a/' cannot end with a slash"],
    ["a//b", "Role 'a//b' cannot contain two adjacent slashes"],
    ["..", "Role '..' cannot include '..' as a component"],
    ["a/*", "Role 'a/*' cannot include '*' as a component"],
    ["-bad role", "Role component '-bad role' is invalid because it starts with a dash"],
    ["a b", "Role component 'a b' is invalid because it contains backspace or whitespace"],
  ])("%j", (text, expected) => {
    expect(outcome(parseRoleName(text))).toBe(expected);
  });
});

describe("[IDS3] path ids", () => {
  test.each([
    ["/shop/web", "/", "/shop/web"],
    ["web", "/", "/web"],
    ["web", "/shop", "/shop/web"],
    ["../db", "/shop/eu", "/shop/db"],
    ["/shop/./web/", "/", "/shop/web"],
    ["a.b-c.d", "/", "/a.b-c.d"],
    ["/", "/", "Path must contain at least one path element"],
    [
      "/shop/restart",
      "/",
      "must not end with any of the following reserved keywords: restart, tasks, versions, ., ..",
    ],
  ])("%j in %j", (text, base, expected) => {
    const group = parseGroupId(base);
    expect(outcome(group.ok ? parseAppId(text, group.value) : group)).toBe(expected);
  });

  test.each(["Web", "a_b", "-a", "a-", "a..b", "a b", "ü"])("%j is refused", (text) => {
    expect(outcome(parseAppId(text))).toMatch(/^must fully match regular expression/);
  });

  test("the root is a group", () => {
    expect(parseGroupId("/")).toEqual({ ok: true, value: "/" });
  });
});

test("[IDS4] the uuid of an update is the base64 of 16 bytes and has a text form", () => {
  expect(outcome(parseUpdateUuid("AAAA"))).toBe("Not a valid UUID");
  expect(outcome(parseUpdateUuid("***"))).toBe("Not a valid UUID");
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const uuid = updateUuidOf(bytes);
      expect(parseUpdateUuid(uuid)).toEqual({ ok: true, value: uuid });
      const text = uuidTextOf(uuid);
      expect(text).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(uuidBase64Of(text ?? "")).toBe(uuid);
    }),
  );
});

test("[IDS5] an instance id names its app", () => {
  expect(parseInstanceId("shop_web.instance-5d1e").ok).toBe(true);
  expect(parseInstanceId("shop_web.marathon-5d1e").ok).toBe(true);
  expect(parseInstanceId("shop_web").ok).toBe(false);
});

test("parsing an id never throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const parse of [
        parseTaskId,
        parseRoleName,
        parseAppId,
        parseGroupId,
        parseInstanceId,
        parseUpdateUuid,
      ]) {
        expect(typeof parse(text).ok).toBe("boolean");
      }
    }),
  );
});
