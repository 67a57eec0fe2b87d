import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { coverageText, recordedExchanges } from "./coverage.ts";
import { otherwise, pending } from "./exceptions.ts";
import { recordedFiles } from "./exchanges.ts";
import { suiteOf } from "./suites.ts";

describe("the recordings of Mesos", () => {
  it("are all replayed by a test", () => {
    expect(recordedFiles().filter((file) => suiteOf(file) === undefined)).toEqual([]);
  });

  it("exceptions name recorded exchanges, each once", () => {
    const named = [...Object.values(pending).flat(), ...Object.keys(otherwise)].toSorted();
    const known = new Set(recordedExchanges());
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(named).toEqual([...new Set(named)]);
  });

  it("are counted in coverage.txt", () => {
    const text = coverageText();
    process.stdout.write(text);
    const file = new URL("../../coverage.txt", import.meta.url);
    expect(readFileSync(file, "utf8"), "write the new table to coverage.txt").toBe(text);
  });
});
