import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "@tutti/base";
import { cgroupDirs } from "../core/cgroup.ts";
import { Cgroups } from "../machine/cgroups.ts";
import { Bench, leftovers, sides } from "../testing/bench.ts";
import { until } from "../machine/proc.ts";

const megabyte = 1024 * 1024;

/** The machine's mounts, without the network namespaces that anybody may make meanwhile. */
const mounts = (): readonly string[] =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => !line.includes("/run/netns"));

/** The process that calls the runtime for the bench. */
function launcherPid(bench: Bench): number {
  const children = readFileSync(`/proc/self/task/${String(process.pid)}/children`, "utf8");
  const found = children
    .trim()
    .split(" ")
    .find((pid) => {
      const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return argv.includes("launcher.pl") && argv.includes(bench.dir);
    });
  return Number(present(found, "a launcher"));
}

describe.each(sides().filter((side) => side.kind === "oci"))("OCI containers ($name)", (side) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.create(side);
    await bench.containerizer.recover([]);
  });
  afterAll(async () => {
    await bench.close();
  });

  it("[OCI1] a task has its own pid namespace and sees nobody else's processes", async () => {
    const { spec } = await bench.run({
      script: "ls /proc | grep -c '^[0-9]'; readlink /proc/self/ns/ipc",
    });
    const [count, ipc] = bench.read(spec, "stdout").split("\n");
    expect(Number(count)).toBeLessThan(8);
    expect(ipc).not.toBe("");
    expect(Number(count)).toBeGreaterThan(1);
  });

  it("[OCI2] a task of an ordinary user has no capabilities and can gain none", async () => {
    const { spec } = await bench.run({
      script: "grep -E '^(Cap|NoNewPrivs|SigIgn)' /proc/self/status",
    });
    const status = bench.read(spec, "stdout");
    expect(status).toMatch(/NoNewPrivs:\t1/);
    expect(status).toMatch(/SigIgn:\t0000000000000000/);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
      expect(status).toContain(`${set}:\t0000000000000000`);
  });

  it("[OCI3] a task of root cannot write control groups or reach the machine's devices", async () => {
    const { spec, exit } = await bench.run({
      user: "root",
      script:
        "mkdir /sys/fs/cgroup/memory/escape; mkdir /sys/fs/cgroup/escape; echo 1 >/proc/sys/vm/drop_caches; " +
        "ls /dev; mount -t tmpfs none /mnt",
    });
    expect(exit.exitCode).not.toBe(0);
    expect(
      bench.read(spec, "stderr").match(/Read-only|denied|permitted|permission/g)?.length,
    ).toBeGreaterThan(2);
    expect(bench.read(spec, "stdout")).not.toMatch(/vda|sda|kmsg/);
    expect(existsSync("/sys/fs/cgroup/memory/escape")).toBe(false);
    expect(existsSync("/sys/fs/cgroup/escape")).toBe(false);
  });

  it("[OCI4] too much memory in the first process ends the task, and it is told so", async () => {
    const { exit } = await bench.run({
      script: "exec perl -e '$x = q(a) x (200 * 1024 * 1024)'",
      env: { PATH: "/usr/bin:/bin" },
      limits: { memoryBytes: 40 * megabyte },
    });
    expect(exit).toEqual({ signal: 9, oomKilled: true });
  });

  it("[OCI5] too much memory in a child is told too, with the task's own exit code", async () => {
    const { exit } = await bench.run({
      script: "perl -e '$x = q(a) x (200 * 1024 * 1024)'; exit 9",
      limits: { memoryBytes: 40 * megabyte },
    });
    expect(exit).toEqual({ exitCode: 9, oomKilled: true });
  });

  it("[OCI6] cpu quota and the number of processes hold", async () => {
    const spec = await bench.spec({
      script: "while :; do :; done",
      limits: { cpusMilli: 100, cpusLimitMilli: 100, pidsMax: 20 },
    });
    await bench.containerizer.launch(spec);
    const begin = performance.now();
    await until(() => performance.now() - begin > 1_000, 2_000);
    const usage = await bench.containerizer.usage(spec.containerId);
    const share = (usage?.cpuSeconds ?? 0) / ((performance.now() - begin) / 1000);
    expect(share).toBeLessThan(0.25);
    await bench.containerizer.destroy(spec.containerId);

    const forks = await bench.run({
      script: "for i in $(seq 1 40); do sleep 30 & done; echo all",
      limits: { pidsMax: 20 },
    });
    expect(bench.read(forks.spec, "stdout")).not.toContain("all");
    expect(bench.read(forks.spec, "stderr")).toMatch(/fork/i);
  });

  it("[OCI7] the machine's /dev is not touched, and nothing stays mounted", async () => {
    const before = mounts();
    const { spec } = await bench.run({ script: "ls -l /dev/null; : >/dev/shm/x && ls /dev/shm" });
    expect(bench.read(spec, "stdout")).toMatch(/crw-rw-rw-.*\nx\n$/);
    expect(existsSync("/dev/shm/x")).toBe(false);
    await bench.containerizer.destroy(spec.containerId);
    expect(mounts()).toEqual(before);
    expect(leftovers(bench, spec, "no such word")).toEqual([]);
  });

  it("[OCI8] the launcher that was killed is started again", async () => {
    process.kill(launcherPid(bench), "SIGKILL");
    let launched = false;
    const spec = await bench.spec({ script: "exit 0" });
    for (let attempt = 0; attempt < 5 && !launched; attempt += 1)
      launched = await bench.containerizer.launch(spec).then(
        () => true,
        () => false,
      );
    expect(launched).toBe(true);
    expect(await bench.exit(spec.containerId)).toEqual({ exitCode: 0, oomKilled: false });
  });

  it("[OCI12] crun stands read-only where it is started from, and a task is not told of it", async () => {
    const mount = readFileSync(`/proc/${String(launcherPid(bench))}/mountinfo`, "utf8")
      .split("\n")
      .find((line) => line.includes(` ${bench.dir}/run/crun `));
    if (side.runtime !== "crun") expect(mount).toBeUndefined();
    else expect(mount).toMatch(/ ro[ ,]/);
    const { spec } = await bench.run({ script: "env" });
    expect(bench.read(spec, "stdout")).not.toContain("CLONED");
  });

  it("[OCI11] a configured file is seen read-only as /etc/resolv.conf, by checks too; the machine's is not touched", async () => {
    const machines = readFileSync("/etc/resolv.conf", "utf8");
    const mountsBefore = mounts();
    const before = await bench.run({ script: "cat /etc/resolv.conf" });
    expect(bench.read(before.spec, "stdout")).toBe(machines);
    writeFileSync(bench.resolvConf, "nameserver 198.51.100.1\n", { mode: 0o644 });
    const spec = await bench.spec({
      user: "root",
      script:
        "cat /etc/resolv.conf; echo x >>/etc/resolv.conf || echo kept; umount /etc/resolv.conf && echo gone; sleep 1000",
    });
    await bench.containerizer.launch(spec);
    expect(await bench.sees(spec, "stdout", "kept")).toBe(true);
    expect(bench.read(spec, "stdout")).toBe("nameserver 198.51.100.1\nkept\n");
    const check = { type: "shell", value: "grep -q 198.51.100.1 /etc/resolv.conf" } as const;
    const { containerId } = spec;
    expect(
      await bench.containerizer.exec(containerId, check, { env: {}, timeoutMs: 10_000 }),
    ).toEqual({ exitCode: 0 });
    await bench.containerizer.destroy(containerId);
    rmSync(bench.resolvConf);
    expect(readFileSync("/etc/resolv.conf", "utf8")).toBe(machines);
    expect(mounts()).toEqual(mountsBefore);
  });

  it("[OCI10] a task that has used up its cpu quota ends at once when it is destroyed", async () => {
    const spec = await bench.spec({
      script: "for i in $(seq 1 150); do sleep 300 & done; echo all; wait",
      limits: { cpusMilli: 500, cpusLimitMilli: 500, pidsMax: 400 },
    });
    await bench.containerizer.launch(spec);
    expect(await until(() => bench.read(spec, "stdout").includes("all"), 30_000)).toBe(true);
    // From here on it gets one millisecond in a hundred, as a task of 0.01 cpus would.
    for (const dir of cgroupDirs(
      new Cgroups().layout,
      `${bench.cgroupParent}/${spec.containerId}`,
    )) {
      if (existsSync(`${dir}/cpu.cfs_quota_us`)) writeFileSync(`${dir}/cpu.cfs_quota_us`, "1000");
      if (existsSync(`${dir}/cpu.max`)) writeFileSync(`${dir}/cpu.max`, "1000 100000");
    }
    const begin = performance.now();
    await bench.containerizer.destroy(spec.containerId);
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(leftovers(bench, spec, "sleep 300")).toEqual([]);
  });
});
