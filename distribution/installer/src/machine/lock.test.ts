import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lockDir } from "./lock.ts";

it("[MAC13] who comes second is told, waits, and goes on when the first lets go", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tutti-lock-"));
  const order: string[] = [];
  const first = await lockDir(dir, () => order.push("first waits"));
  let told: () => void = () => undefined;
  const waits = new Promise<void>((resolve) => {
    told = resolve;
  });
  const second = lockDir(dir, () => {
    order.push("second waits");
    told();
  }).then((lock) => {
    order.push("second has it");
    return lock;
  });
  await waits;
  order.push("first lets go");
  await first.release();
  await first.release();
  await (await second).release();
  expect(order).toEqual(["second waits", "first lets go", "second has it"]);
  rmSync(dir, { recursive: true });
});
