import type { AppInfo } from "@tutti/marathon-v2";
import { describe, expect, it } from "vitest";
import { FailureCount } from "./app-failures.ts";

const launch = 'Failed to launch container: this machine has no user "nosuch"';
const exit3 = "Command exited with status 3";

function failed(taskId: string, message: string, more: object = {}): AppInfo {
  const lastTaskFailure = { state: "TASK_FAILED", message, taskId, version: "v1", host: "h" };
  return { id: "/web", version: "v1", tasksRunning: 0, lastTaskFailure, ...more } as AppInfo;
}

/** How many looks, each at another instance that failed so, are borne. */
function borne(count: FailureCount, message: string): number {
  for (let looks = 1; looks < 100; looks += 1) {
    if (!count.look(failed(`t${String(looks)}`, message)).ok) return looks;
  }
  return 100;
}

describe("instances that fail one after another", () => {
  it("[CLI10] of those that never ran three are borne, of those that ended ten", () => {
    expect(borne(new FailureCount(), launch)).toBe(3);
    expect(borne(new FailureCount(), exit3)).toBe(10);
  });

  it("[CLI10] one that is seen again counts once", () => {
    const count = new FailureCount();
    for (let look = 0; look < 20; look += 1) {
      expect(count.look(failed("t0", launch))).toMatchObject({ ok: true });
    }
  });

  it.each([
    ["another reason", failed("x", exit3)],
    ["an instance that runs", failed("x", launch, { tasksRunning: 1 })],
    ["a new version", failed("x", launch, { version: "v2" })],
  ])("[CLI10] %s begins the count anew", (_name, between) => {
    const count = new FailureCount();
    count.look(failed("a", launch));
    count.look(failed("b", launch));
    expect(count.look(between)).toMatchObject({ ok: true });
    expect(borne(count, launch)).toBe(3);
  });

  it("[CLI10] says why, and shows the log only where something ran", () => {
    const last = (message: string): unknown => {
      const count = new FailureCount();
      borne(count, message);
      return count.look(failed("z", message));
    };
    expect(last(launch)).toMatchObject({
      error: {
        code: "DEPLOYMENT_FAILED",
        message: "/web: its instances cannot be started; the deployment goes on trying.",
        details: [{ path: "TASK_FAILED", errors: [launch] }],
        hint: expect.not.stringContaining("task log") as string,
      },
    });
    expect(last(exit3)).toMatchObject({
      error: {
        message: "/web: it starts and ends again; the deployment goes on trying.",
        hint: expect.stringContaining("./tutti task log z --stderr") as string,
      },
    });
  });
});
