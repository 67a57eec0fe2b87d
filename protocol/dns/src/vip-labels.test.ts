import { expect, test } from "vitest";
import { parseVipValue } from "./vip-labels.ts";

test.each(["/db", "db", "tcp:///db"])("[DSC17] %s: told with the right form", (text) => {
  const read = parseVipValue(text);
  expect(read.ok ? "" : read.error.message).toMatch(/has no port: write it as \/db:80$/u);
});
