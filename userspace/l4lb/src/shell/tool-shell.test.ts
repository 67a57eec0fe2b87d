import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ToolShell } from "./tool-shell.ts";

describe("[LB28] one running shell", () => {
  let shell: ToolShell;

  beforeEach(() => {
    shell = new ToolShell([]);
  });

  afterEach(() => shell.close());

  async function heard(script: string): Promise<readonly [readonly string[], number]> {
    const lines: string[] = [];
    const code = await shell.run(script, (line) => lines.push(line));
    return [lines.filter((line) => line !== ""), code];
  }

  it("runs scripts in their order in one process, with their lines and exit codes", async () => {
    const answers = await Promise.all([
      heard("echo $$; echo b\n"),
      heard("(exit 3)\n"),
      heard("printf 'no newline at the end'; no-such-tool 2>/dev/null\n"),
      heard("echo $$\n"),
    ]);
    const [[first], second, third, [fourth]] = answers;
    expect(first).toHaveLength(2);
    expect(second).toEqual([[], 3]);
    expect(third).toEqual([["no newline at the end"], 127]);
    expect(fourth[0]).toBe(first[0]);
  });

  it("tells when it ends, and begins anew for the next script", async () => {
    await expect(heard("kill -9 $$\n")).rejects.toMatchObject({ code: "SHELL_ENDED" });
    expect(await heard("echo there\n")).toEqual([["there"], 0]);
  });

  it("closed, ends what runs and what waits, and begins nothing anew", async () => {
    await heard("echo ready\n");
    const runs = [heard("echo $$; read -r _\n"), heard("echo waiting\n")];
    for (const run of runs) run.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    shell.close();
    for (const run of [...runs, heard("echo later\n")])
      await expect(run).rejects.toMatchObject({ code: "SHELL_ENDED" });
    shell.start();
    const isRunning = (): boolean => process.getActiveResourcesInfo().includes("ProcessWrap");
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
  });

  it("tells when it cannot be started", async () => {
    const none = new ToolShell(["/no/such/prefix"]);
    await expect(none.run("echo\n", () => undefined)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
