import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContainerSpec, LogBound } from "./core/containerizer.ts";
import { loggerProgram, loggerScript } from "./machine/loggers.ts";
import { launcherScript } from "./oci/launcher.ts";
import { lives, until } from "./machine/proc.ts";
import { Bench, killedAgent, leftovers, sides } from "./testing/bench.ts";

const kilobytes = (bytesMax: number, filesMax: number): Required<ContainerSpec>["logs"] => {
  const bound: LogBound = { bytesMax: bytesMax * 1024, filesMax };
  return { stdout: bound, stderr: bound };
};

/** The files of one output, the oldest first. */
function filesOf(spec: ContainerSpec, name: "stdout" | "stderr"): readonly string[] {
  const numberOf = (file: string): number => Number(file.slice(name.length + 1));
  return readdirSync(spec.sandboxDir)
    .filter((file) => file.startsWith(name))
    .toSorted((a, b) => numberOf(b) - numberOf(a));
}

const sizesOf = (spec: ContainerSpec): readonly number[] =>
  filesOf(spec, "stdout").map(
    (file) => statSync(`${spec.sandboxDir}/${file}`, { throwIfNoEntry: false })?.size ?? 0,
  );

const linesOf = (bench: Bench, spec: ContainerSpec): readonly string[] =>
  filesOf(spec, "stdout")
    .map((file) => bench.read(spec, file))
    .join("")
    .trimEnd()
    .split("\n");

/** Whether the lines are numbers without a gap up to `last`. */
function expectNumbersUpTo(lines: readonly string[], last: number): void {
  const first = Number(lines[0]);
  expect(lines).toEqual(Array.from({ length: last - first + 1 }, (_, i) => String(first + i)));
}

const loggerOf = (bench: Bench, spec: ContainerSpec): number =>
  Number(
    readFileSync(`${bench.containersDir}/${spec.containerId}/logger.pid`, "utf8").split(" ")[0],
  );

it.each([
  ["the logger", loggerScript, []],
  ["the launcher", launcherScript, ["", "", "", "", "", "", loggerScript]],
])("%s compiles under strict and without a warning", (_, script, args) => {
  const { stderr } = spawnSync(loggerProgram, ["-Mstrict", "-Mwarnings", "-c", script, ...args], {
    encoding: "utf8",
  });
  expect(stderr).toBe(`${script} syntax OK\n`);
});

describe.each(sides())("the output of a container ($name)", (side) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.create(side);
    await bench.containerizer.recover([]);
  });
  afterAll(async () => {
    await bench.close();
  });

  it("[LOG1] is all there when the end is told, also of tasks that end at once", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { spec } = await bench.run({ script: "printf 'last words'; printf alas >&2" });
      expect(bench.read(spec, "stdout")).toBe("last words");
      expect(bench.read(spec, "stderr")).toBe("alas");
    }
  });

  it("[LOG2] [LOG3] stays within its bound while the agent is dead, and its last lines are all there", async () => {
    const go = `${bench.dir}/go`;
    const spec = await bench.spec({
      script: `until [ -e ${go} ]; do sleep 0.02; done; seq 1 7000000; echo done >&2; exec sleep 1000`,
      logs: kilobytes(2048, 5),
    });
    await bench.stop();
    try {
      await killedAgent(bench, [spec]);
      writeFileSync(go, "");
      let most = 0;
      expect(
        await until(() => {
          most = Math.max(
            most,
            sizesOf(spec).reduce((sum, size) => sum + size, 0),
          );
          return (
            bench.read(spec, "stderr") === "done\n" && bench.read(spec, "stdout").endsWith("\n")
          );
        }, 200_000),
      ).toBe(true);
      expect(await until(() => bench.read(spec, "stdout").endsWith("\n7000000\n"), 60_000)).toBe(
        true,
      );
      const sizes = sizesOf(spec);
      expect(sizes).toHaveLength(5);
      expect(Math.max(most, ...sizes)).toBeLessThanOrEqual(5 * 2048 * 1024);
      for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(2048 * 1024 - 16);
      expectNumbersUpTo(linesOf(bench, spec), 7_000_000);
    } finally {
      await bench.restart();
      await bench.containerizer.recover([spec.containerId]);
      await bench.containerizer.destroy(spec.containerId);
    }
    expect(leftovers(bench, spec, "no such word")).toEqual([]);
    rmSync(go);
  }, 300_000);

  it("[LOG3] files end with a line; a line that is longer than a file is cut at the bound", async () => {
    const { spec } = await bench.run({
      script: "for i in 1 2 3; do head -c 3000 /dev/zero | tr '\\0' $i; echo; done",
      logs: kilobytes(4, 10),
    });
    expect(filesOf(spec, "stdout").map((file) => bench.read(spec, file))).toEqual(
      ["1", "2", "3"].map((digit) => `${digit.repeat(3000)}\n`),
    );
    const long = await bench.run({
      script: "echo short; head -c 10000 /dev/zero | tr '\\0' x; echo end",
      logs: kilobytes(4, 10),
    });
    expect(sizesOf(long.spec).every((size) => size <= 4096)).toBe(true);
    expect(linesOf(bench, long.spec)).toEqual(["short", `${"x".repeat(10_000)}end`]);
  });

  it("[LOG4] the death of the logger harms no task; another takes over and loses nothing that waits", async () => {
    const go = `${bench.dir}/go`;
    const spec = await bench.spec({
      script: `seq 1 10; until [ -e ${go} ]; do sleep 0.02; done; seq 11 1000; echo out >&2; exec sleep 1000`,
    });
    await bench.containerizer.launch(spec);
    expect(await bench.sees(spec, "stdout", "10\n")).toBe(true);
    const first = loggerOf(bench, spec);
    process.kill(first, "SIGKILL");
    expect(await until(() => !lives(first), 60_000)).toBe(true);
    writeFileSync(go, "");
    expect(await bench.sees(spec, "stderr", "out\n")).toBe(true);
    expectNumbersUpTo(linesOf(bench, spec), 1000);
    expect(loggerOf(bench, spec)).not.toBe(first);
    expect(bench.exits.has(spec.containerId)).toBe(false);
    await bench.containerizer.destroy(spec.containerId);
    expect(leftovers(bench, spec, "no such word")).toEqual([]);
    rmSync(go);
  });

  it("[LOG5] a task can reopen its output, and remove or replace the files", async () => {
    const { spec } = await bench.run({
      script:
        "echo one >/dev/stdout && echo two; until grep -q two stdout; do sleep 0.01; done; cp stdout copy; rm stdout; mkdir stdout.1; seq 1 2000; ln -sf /etc/passwd stdout; seq 1 2000",
      logs: kilobytes(4, 3),
    });
    expect(bench.read(spec, "copy")).toBe("one\ntwo\n");
    expect(sizesOf(spec).every((size) => size <= 4096)).toBe(true);
    expect(bench.read(spec, "stdout").endsWith("\n2000\n")).toBe(true);
  });
});

/** Where we may mount a small disk. */
const asRoot = sides().filter(() => process.getuid?.() === 0);

it.each(asRoot)(
  "[LOG6] a full disk costs output, and the file tells how much ($name)",
  async (side) => {
    const bench = await Bench.create(side);
    const spec = await bench.spec({
      script:
        "head -c 1000000 /dev/zero >filler 2>/dev/null; seq 1 200000; rm filler; echo back; cat",
      logs: kilobytes(32, 3),
    });
    execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=128k,mode=777", "t", spec.sandboxDir]);
    try {
      await bench.restart();
      await bench.containerizer.launch(spec);
      await bench.exit(spec.containerId);
      const lines = linesOf(bench, spec);
      expect(lines.at(-1)).toBe("back");
      expect(
        lines.filter((line) => /^\[\d+ bytes of output were lost: No space/.test(line)),
      ).toHaveLength(1);
      await bench.containerizer.destroy(spec.containerId);
    } finally {
      execFileSync("/bin/umount", [spec.sandboxDir]);
      await bench.close();
    }
  },
);
