import { expect, test } from "vitest";
import { SharedTexts } from "./shared-texts.ts";

test("[DSC46] what labels say is remembered up to a number of bytes, not only of texts", () => {
  const texts = new SharedTexts();
  const first = texts.vipValuesOf("/web:80");
  expect(texts.vipValuesOf("/web:80")).toBe(first);
  const padding = " ".repeat(1024 * 1024);
  for (let number = 0; number < 70; number += 1) texts.vipValuesOf(`/m${number}:80${padding}`);
  expect(texts.vipValuesOf("/web:80")).not.toBe(first);
});
