import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "./containerizer.ts";
import { ociConfig, ociExecProcess, ociResources, type HostFacts } from "./oci-config.ts";

const spec: ContainerSpec = {
  containerId: "abc",
  command: { type: "shell", value: "echo hello" },
  env: { B: "2", A: "1=1" },
  user: "nobody",
  sandboxDir: "/box",
  limits: { cpusMilli: 500, cpusLimitMilli: 1500, memoryBytes: 64 * 1024 * 1024, pidsMax: 99 },
  rootfs: { type: "host" },
};

const host: HostFacts = {
  rootDir: "/run/x/hostroot",
  initPath: "/usr/bin/tini",
  cgroupParent: "/tutti-1/agent1/containers",
  capabilities: new Set(["CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"]),
  openFilesMax: 20_000,
  swapAccounting: true,
  cgroupMounts: ["/sys/fs/cgroup/memory"],
};

const nobody = { uid: 65534, gid: 65534, groups: [7] };

describe("the OCI configuration of a container", () => {
  it("[OCI2] gives an ordinary user no capabilities and no way to gain any", () => {
    const { process } = ociConfig(spec, nobody, host);
    expect(process).toEqual({
      terminal: false,
      user: { uid: 65534, gid: 65534, additionalGids: [7] },
      args: ["/usr/bin/tini", "-g", "--", "/bin/sh", "-c", "echo hello"],
      env: ["A=1=1", "B=2"],
      cwd: "/box",
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
      rlimits: [{ type: "RLIMIT_NOFILE", hard: 20_000, soft: 20_000 }],
      noNewPrivileges: true,
    });
  });

  it("[OCI3] gives root only usual capabilities that this process has itself", () => {
    const config = ociConfig(spec, { uid: 0, gid: 0, groups: [] }, host);
    expect(config.process.capabilities.bounding).toEqual(["CAP_CHOWN", "CAP_KILL"]);
    expect(config.process.noNewPrivileges).toBe(false);
    expect(config.linux.readonlyPaths).toContain("/sys/fs/cgroup/memory");
  });

  it("[OCI1] has own pid, mount and ipc namespaces and the network of whoever starts it", () => {
    const { linux, root } = ociConfig(spec, nobody, host);
    expect(linux.namespaces.map((n) => n.type)).toEqual(["pid", "mount", "ipc"]);
    expect(linux.cgroupsPath).toBe("/tutti-1/agent1/containers/abc");
    expect(root.path).toBe("/run/x/hostroot");
  });

  it("[OCI7] covers /dev and mounts no sysfs", () => {
    const { mounts } = ociConfig(spec, nobody, host);
    expect(mounts.map((m) => `${m.destination} ${m.type}`)).toEqual([
      "/proc proc",
      "/dev tmpfs",
      "/dev/pts devpts",
      "/dev/shm tmpfs",
      "/dev/mqueue mqueue",
    ]);
  });

  it.each([
    [
      { cpusMilli: 500, cpusLimitMilli: 1500 },
      { shares: 512, quota: 150_000, period: 100_000 },
    ],
    [{ cpusMilli: 1 }, { shares: 2 }],
    [
      { cpusMilli: 2000, cpusLimitMilli: 1 },
      { shares: 2048, quota: 1_000, period: 100_000 },
    ],
  ])("[OCI6] cpu limits %j become %j", (cpu, expected) => {
    const limits = { memoryBytes: 1, pidsMax: 1, ...cpu };
    expect(ociResources(limits, true).cpu).toEqual(expected);
  });

  it("[OCI9] memory is at least 32 MB and swap is part of it, where swap is counted", () => {
    const limits = { cpusMilli: 1, memoryBytes: 1, pidsMax: 5 };
    const least = 32 * 1024 * 1024;
    expect(ociResources(limits, true).memory).toEqual({ limit: least, swap: least });
    expect(ociResources(limits, false).memory).toEqual({ limit: least });
    expect(ociResources({ ...limits, memoryBytes: 1e9 }, false).memory).toEqual({ limit: 1e9 });
  });

  it("[CNT7] a further command has the task's user, rights and environment, and a session of its own", () => {
    const { process } = ociConfig(spec, nobody, host);
    const exec = ociExecProcess(
      { type: "exec", path: "/x", argv: ["/x", "y"] },
      { B: "3" },
      process,
    );
    expect(exec).toEqual({
      ...process,
      args: ["/usr/bin/setsid", "--wait", "/x", "y"],
      env: ["A=1=1", "B=3"],
    });
  });
});
