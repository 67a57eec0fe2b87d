import { describe, expect, it } from "vitest";
import { parseProgram } from "./program.ts";

const sound = { isDeaf: false, stopMs: 20, sickUntilMs: 0, sickAfterMs: Infinity };

describe("[SIM25] a program", () => {
  it.each([
    ["run", sound],
    ["run; v 3", sound],
    ["exit 7 after 100", { ...sound, exit: { code: 7, afterMs: 100 } }],
    ["run; flaky 1 every 5000", { ...sound, flaky: { code: 1, meanMs: 5000 } }],
    ["oom after 9", { ...sound, oomAfterMs: 9 }],
    ["run; deaf; sick until 30", { ...sound, isDeaf: true, sickUntilMs: 30 }],
    ["run; slow 400; sick after 30", { ...sound, stopMs: 400, sickAfterMs: 30 }],
  ])("'%s' is read", (command, program) => {
    expect(parseProgram(command)).toEqual(program);
  });

  it("that is not known is a bug", () => {
    expect(() => parseProgram("dance")).toThrow("knows no 'dance'");
  });
});
