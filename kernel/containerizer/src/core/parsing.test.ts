import { describe, expect, it } from "vitest";
import { accountOf, findPasswdEntry } from "./accounts.ts";
import { containerCapabilities, parseCapabilityMask } from "./capabilities.ts";
import { exitFromStatus, parseExitStatus } from "./exit.ts";
import { parseProcStat } from "./proc-stat.ts";
import { quote, startScript } from "./start-script.ts";

describe("accounts", () => {
  const passwd = "root:x:0:0:root:/root:/bin/sh\n+\nbroken\nweb:x:33:34::/:/bin/false\n";
  it.each([
    ["root", { name: "root", uid: 0, gid: 0 }],
    ["33", { name: "web", uid: 33, gid: 34 }],
    ["broken", undefined],
    ["", undefined],
  ])("[CNT6] finds %j", (user, expected) => {
    expect(findPasswdEntry(passwd, user)).toEqual(expected);
  });

  it("[CNT1] supplementary groups come without the main one", () => {
    const groups = "web:x:34:web\nssl:x:104:a,web\nadm:x:4:webber\nbad\n";
    expect(accountOf({ name: "web", uid: 33, gid: 34 }, groups)).toEqual({
      uid: 33,
      gid: 34,
      groups: [104],
    });
  });
});

describe("capabilities", () => {
  it("[OCI3] the mask of the kernel names them by bit", () => {
    expect([...parseCapabilityMask("0000000000000021")]).toEqual(["CAP_CHOWN", "CAP_KILL"]);
    expect(parseCapabilityMask("ffffffffffffffff").size).toBe(41);
    expect(containerCapabilities(0, new Set(["CAP_KILL", "CAP_SYS_ADMIN"]))).toEqual(["CAP_KILL"]);
    expect(containerCapabilities(1, new Set(["CAP_KILL"]))).toEqual([]);
  });
});

describe("exit status", () => {
  it.each([
    [0, { exitCode: 0, oomKilled: false }],
    [127, { exitCode: 127, oomKilled: false }],
    [128, { exitCode: 128, oomKilled: false }],
    [137, { signal: 9, oomKilled: false }],
    [192, { signal: 64, oomKilled: false }],
    [193, { exitCode: 193, oomKilled: false }],
    [255, { exitCode: 255, oomKilled: false }],
    [-1, { exitCode: 255, oomKilled: false }],
  ])("[CNT3] %j means %j", (status, exit) => {
    expect(exitFromStatus(status, false)).toEqual(exit);
  });

  it.each([
    ["", undefined],
    ["13", 13],
    ["0\n", 0],
    ["x", undefined],
  ])("[CNT3] the file %j says %j", (text, status) => {
    expect(parseExitStatus(text)).toBe(status);
  });
});

describe("process status", () => {
  it("[CNT10] a name with parentheses and blanks does not shift the fields", () => {
    const fields = Array.from({ length: 30 }, (_, i) => String(100 + i)).join(" ");
    expect(parseProcStat(`42 (a) b (c) S ${fields}`)).toMatchObject({
      pid: 42,
      state: "S",
      parentPid: 100,
      sessionId: 102,
      cpuTicks: 221,
      startTicks: 118,
      rssPages: 120,
    });
    expect(parseProcStat("")).toBeUndefined();
  });
});

describe("the script that becomes a task", () => {
  it("[CNT1] quotes every value and gives odd names to env", () => {
    const script = startScript(
      { type: "exec", path: "/x", argv: ["/x", "it's"] },
      { PATH: "/bin", "a.b": "c d" },
    );
    expect(script).toBe(
      "exec 3<&-\nexport PATH='/bin'\nexec '/usr/bin/env' 'a.b=c d' '/x' 'it'\\''s'\n".replace(
        "'/usr/bin/env'",
        "/usr/bin/env",
      ),
    );
    expect(startScript({ type: "shell", value: "true" }, {})).toBe(
      "exec 3<&-\nunset PATH\nexec '/bin/sh' '-c' 'true'\n",
    );
    expect(quote("")).toBe("''");
  });
});
