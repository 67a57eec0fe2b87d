import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, killedAgent, leftovers, sides } from "./testing/bench.ts";
import { allProcesses, until } from "./machine/proc.ts";

/** A time to sleep that no other run of these tests on the machine uses: what is left over is found by it. */
function seconds(which: number): string {
  return `${String(process.pid)}0000${String(which)}`;
}

describe.each(sides())("a containerizer ($name)", (side) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.create(side);
    await bench.containerizer.recover([]);
  });
  afterAll(async () => {
    await bench.close();
  });

  it("[CNT1] runs a command with its environment, user, directory and two output files", async () => {
    const { spec, exit } = await bench.run({
      script: 'echo "$WORD"; id -u; pwd; echo "to stderr" >&2; exit 3',
      env: { PATH: "/usr/bin:/bin", WORD: 'it\'s a "word" $HOME\nand more' },
    });
    expect(exit).toEqual({ exitCode: 3, oomKilled: false });
    expect(bench.read(spec, "stdout")).toBe(
      `it's a "word" $HOME\nand more\n${bench.uid}\n${spec.sandboxDir}\n`,
    );
    expect(bench.read(spec, "stderr")).toBe("to stderr\n");
  });

  it("[CNT2] executes a program as is, under the name that was asked for", async () => {
    const plain = await bench.run({
      command: { type: "exec", path: "/bin/echo", argv: ["/bin/echo", "$HOME", "a b"] },
    });
    expect(bench.read(plain.spec, "stdout")).toBe("$HOME a b\n");
    const named = await bench.run({
      command: { type: "exec", path: "/bin/bash", argv: ["other", "-c", 'echo "$0"'] },
    });
    expect(bench.read(named.spec, "stdout")).toBe("other\n");
  });

  it("[CNT3] tells exit codes and signals, each end once", async () => {
    const killed = await bench.spec({});
    await bench.containerizer.launch(killed);
    await bench.containerizer.signal(killed.containerId, 9);
    expect(await bench.exit(killed.containerId)).toEqual({ signal: 9, oomKilled: false });
    const missing = await bench.run({
      command: { type: "exec", path: "/nonexistent", argv: ["/nonexistent"] },
    });
    expect(missing.exit).toEqual({ exitCode: 127, oomKilled: false });
    await bench.containerizer.signal(killed.containerId, 9);
    expect(bench.exits.get(killed.containerId)).toHaveLength(1);
  });

  it("[CNT4] SIGTERM reaches the command, also one that does not handle it", async () => {
    const handled = await bench.spec({
      script: 'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done',
    });
    const plain = await bench.spec({ script: "echo up; exec sleep 1000" });
    for (const spec of [handled, plain]) {
      await bench.containerizer.launch(spec);
      expect(await bench.sees(spec, "stdout", "up")).toBe(true);
      await bench.containerizer.signal(spec.containerId, 15);
    }
    expect(await bench.exit(handled.containerId)).toEqual({ exitCode: 7, oomKilled: false });
    expect(await bench.exit(plain.containerId)).toEqual({ signal: 15, oomKilled: false });
  });

  it("[CNT5] a second launch of what runs already starts nothing", async () => {
    const spec = await bench.spec({ script: "echo once; exec sleep 1000" });
    const first = await bench.containerizer.launch(spec);
    expect(await bench.containerizer.launch(spec)).toEqual(first);
    expect(await bench.sees(spec, "stdout", "once")).toBe(true);
    await bench.containerizer.destroy(spec.containerId);
    expect(bench.read(spec, "stdout")).toBe("once\n");
  });

  it("[CNT6] refuses an unknown user and a link in place of an output file, and leaves nothing", async () => {
    const stranger = await bench.spec({});
    await expect(
      bench.containerizer.launch({ ...stranger, user: "no-such-user" }),
    ).rejects.toMatchObject({ code: "USER_UNKNOWN", retryable: false });
    const linked = await bench.spec({});
    symlinkSync("/dev/null", `${linked.sandboxDir}/stdout`);
    await expect(bench.containerizer.launch(linked)).rejects.toMatchObject({ code: "SANDBOX" });
    await bench.containerizer.destroy(linked.containerId);
    expect(existsSync(`${bench.containersDir}/${stranger.containerId}`)).toBe(false);
    expect(existsSync(`${bench.containersDir}/${linked.containerId}`)).toBe(false);
  });

  it("[CNT7] exec runs beside the task, as its user, with more environment, and is cut at its time", async () => {
    const spec = await bench.spec({ env: { PATH: "/usr/bin:/bin", BASE: "1" } });
    await bench.containerizer.launch(spec);
    const exec = (script: string, timeoutMs = 60_000) =>
      bench.containerizer.exec(
        spec.containerId,
        { type: "shell", value: script },
        { env: { MORE: "2" }, timeoutMs },
      );
    expect(await exec('echo "$BASE$MORE $(id -u)" >out; exit 5')).toEqual({ exitCode: 5 });
    expect(bench.read(spec, "out")).toBe(`12 ${bench.uid}\n`);
    expect(await exec("exec /nonexistent")).toEqual({ exitCode: 127 });
    expect(await exec(`sleep ${seconds(1)} & sleep ${seconds(1)}`, 300)).toEqual({
      timedOut: true,
    });
    expect(
      await until(() => !allProcesses().some((p) => p.argv.includes(seconds(1))), 60_000),
    ).toBe(true);
    await bench.containerizer.destroy(spec.containerId);
    await expect(exec("true")).rejects.toMatchObject({ code: "NOT_RUNNING" });
  });

  it("[CNT8] destroy ends everything, tells the end, can be repeated, and keeps the sandbox", async () => {
    const spec = await bench.spec({ script: `sleep ${seconds(2)} & echo up; sleep ${seconds(2)}` });
    await bench.containerizer.launch(spec);
    expect(await bench.sees(spec, "stdout", "up")).toBe(true);
    await bench.containerizer.destroy(spec.containerId);
    await bench.containerizer.destroy(spec.containerId);
    expect(bench.exits.get(spec.containerId)).toEqual([{ signal: 9, oomKilled: false }]);
    expect(leftovers(bench, spec, seconds(2))).toEqual([]);
    expect(bench.read(spec, "stdout")).toBe("up\n");
    expect(await bench.containerizer.usage(spec.containerId)).toBeUndefined();
  });

  it("[CNT9] usage tells cpu time and memory", async () => {
    const spec = await bench.spec({ script: "while :; do :; done" });
    await bench.containerizer.launch(spec);
    let cpuSeconds = 0;
    const worked = await until(() => {
      void bench.containerizer.usage(spec.containerId).then((usage) => {
        cpuSeconds = usage?.cpuSeconds ?? 0;
      });
      return cpuSeconds > 0.1;
    }, 60_000);
    expect(worked).toBe(true);
    expect((await bench.containerizer.usage(spec.containerId))?.memoryBytes).toBeGreaterThan(
      100_000,
    );
    await bench.containerizer.destroy(spec.containerId);
  });

  it("[CNT10] kill -9 of the agent touches no task; a new one finds all of them and how they ended", async () => {
    const go = `${bench.dir}/go`;
    const wait = `until [ -e ${go} ]; do sleep 0.02; done`;
    const short = await bench.spec({ script: "exit 4" });
    const ends = await bench.spec({ script: `${wait}; exit 6` });
    const lives = await bench.spec({ script: "exec sleep 1000" });
    await bench.stop();
    await killedAgent(bench, [short, ends, lives]);
    writeFileSync(go, "");
    await until(() => existsSync(`${bench.dir}/run/exits/${ends.containerId}`), 60_000);
    await bench.restart();
    const ids = [short, ends, lives].map((s) => s.containerId);
    const states = await bench.containerizer.recover([...ids, "never-was"]);
    expect(states.get(short.containerId)).toEqual({
      type: "exited",
      exit: { exitCode: 4, oomKilled: false },
    });
    expect(states.get(ends.containerId)).toEqual({
      type: "exited",
      exit: { exitCode: 6, oomKilled: false },
    });
    expect(states.get(lives.containerId)).toMatchObject({ type: "running" });
    expect(states.get("never-was")).toEqual({ type: "absent" });
    expect(await bench.exit(ends.containerId)).toEqual({ exitCode: 6, oomKilled: false });
    await bench.containerizer.signal(lives.containerId, 9);
    expect(await bench.exit(lives.containerId)).toEqual({ signal: 9, oomKilled: false });
    for (const id of ids) {
      await bench.containerizer.destroy(id);
      expect(bench.exits.get(id)).toHaveLength(1);
    }
  });

  it.each([1, 3, 6])(
    "[CNT13] an agent that is killed at command %i of eight has begun none of them twice",
    async (killedAt) => {
      const log = `${bench.dir}/sandbox/begun-${String(killedAt)}`;
      writeFileSync(log, "");
      chmodSync(log, 0o666);
      const begun = (): readonly string[] => readFileSync(log, "utf8").trim().split("\n");
      const specs = await Promise.all(Array.from({ length: 8 }, () => bench.spec()));
      const named = specs.map((spec) => ({
        ...spec,
        command: {
          type: "shell" as const,
          value: `echo ${spec.containerId} >>${log}; exec sleep 1000`,
        },
      }));
      await bench.stop();
      await killedAgent(
        bench,
        named,
        () => readFileSync(log, "utf8").split("\n").length > killedAt,
      );
      await bench.restart();
      const states = await bench.containerizer.recover(specs.map((spec) => spec.containerId));
      for (const spec of named) {
        if (states.get(spec.containerId)?.type === "absent") await bench.containerizer.launch(spec);
      }
      expect(await until(() => begun().length >= 8, 60_000)).toBe(true);
      expect(begun().toSorted()).toEqual(specs.map((spec) => spec.containerId).toSorted());
      await Promise.all(specs.map((spec) => bench.containerizer.destroy(spec.containerId)));
    },
  );

  it("[CNT11] a task whose supervisor was killed goes on; its end is told as unknown", async () => {
    const spec = await bench.spec({ script: "exec sleep 1000" });
    const { pid } = await bench.containerizer.launch(spec);
    const dir = `${bench.containersDir}/${spec.containerId}`;
    process.kill(Number(readFileSync(`${dir}/supervisor.pid`, "utf8")), "SIGKILL");
    expect(existsSync(`/proc/${String(pid)}`)).toBe(true);
    await bench.containerizer.signal(spec.containerId, 9);
    expect(await bench.exit(spec.containerId)).toEqual({ oomKilled: false, unknown: true });
    await bench.containerizer.destroy(spec.containerId);
    expect(leftovers(bench, spec, "no such word")).toEqual([]);
  });

  it("[CNT12] fifty at once all run and all are gone afterwards", async () => {
    const specs = await Promise.all(
      Array.from({ length: 50 }, () => bench.spec({ script: `echo up; exec sleep ${seconds(3)}` })),
    );
    const launched = await Promise.all(specs.map((spec) => bench.containerizer.launch(spec)));
    expect(new Set(launched.map(({ pid }) => pid)).size).toBe(50);
    for (const spec of specs) expect(await bench.sees(spec, "stdout", "up")).toBe(true);
    await Promise.all(specs.map((spec) => bench.containerizer.destroy(spec.containerId)));
    for (const spec of specs) expect(leftovers(bench, spec, seconds(3))).toEqual([]);
  });
});
