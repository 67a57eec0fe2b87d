import { describe, expect, it } from "vitest";
import {
  cgroupDirs,
  controllerDir,
  flatKeyed,
  oomKilled,
  ownGroupDir,
  parseCgroupLayout,
} from "./cgroup.ts";

const hybrid = `
25 20 0:22 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
26 25 0:23 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
27 25 0:24 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
28 25 0:25 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
29 25 0:26 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
const unified = "30 20 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";

describe("where a machine keeps its control groups", () => {
  it("[CGR1] a tree per controller, with a version 2 tree beside them", () => {
    const layout = parseCgroupLayout(hybrid);
    expect(layout).toEqual({
      version: "v1",
      controllers: new Map([
        ["cpu", "/sys/fs/cgroup/cpu,cpuacct"],
        ["cpuacct", "/sys/fs/cgroup/cpu,cpuacct"],
        ["memory", "/sys/fs/cgroup/memory"],
        ["name=systemd", "/sys/fs/cgroup/systemd"],
      ]),
      unified: "/sys/fs/cgroup/unified",
    });
    expect(cgroupDirs(layout, "/a")).toEqual([
      "/sys/fs/cgroup/cpu,cpuacct/a",
      "/sys/fs/cgroup/memory/a",
      "/sys/fs/cgroup/systemd/a",
      "/sys/fs/cgroup/unified/a",
    ]);
    expect(controllerDir(layout, "cpuacct", "/a")).toBe("/sys/fs/cgroup/cpu,cpuacct/a");
    expect(controllerDir(layout, "pids", "/a")).toBeUndefined();
  });

  it("[OCI13] the group in which a process is, in the tree that counts processes", () => {
    const layout = parseCgroupLayout(
      `${hybrid}31 25 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n`,
    );
    const told = "4:memory:/m\n3:pids:/a:b/c\n0::/v2\n";
    expect(ownGroupDir(layout, told)).toBe("/sys/fs/cgroup/pids/a:b/c");
    expect(ownGroupDir(parseCgroupLayout(unified), told)).toBe("/sys/fs/cgroup/v2");
    expect(ownGroupDir(parseCgroupLayout(hybrid), told)).toBeUndefined();
    expect(ownGroupDir(layout, "")).toBeUndefined();
    expect(ownGroupDir({ version: "none" }, told)).toBeUndefined();
  });

  it("[CGR2] one tree for all", () => {
    const layout = parseCgroupLayout(unified);
    expect(layout).toEqual({ version: "v2", root: "/sys/fs/cgroup" });
    expect(cgroupDirs(layout, "/a")).toEqual(["/sys/fs/cgroup/a"]);
    expect(controllerDir(layout, "memory", "/a")).toBe("/sys/fs/cgroup/a");
  });

  it("[CGR3] none at all", () => {
    expect(parseCgroupLayout("")).toEqual({ version: "none" });
    expect(cgroupDirs({ version: "none" }, "/a")).toEqual([]);
  });

  it("[CGR4] reads escaped mount points", () => {
    const line = "30 20 0:27 / /sys/fs/c\\040g rw - cgroup2 cgroup2 rw";
    expect(parseCgroupLayout(line)).toEqual({ version: "v2", root: "/sys/fs/c g" });
  });

  it("[OCI5] a kill for memory is a count in a flat keyed file, in both versions", () => {
    expect(oomKilled("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")).toBe(true);
    expect(oomKilled("low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n")).toBe(false);
    expect(oomKilled("")).toBe(false);
    expect(flatKeyed("usage_usec 17\nuser_usec 9\n", "usage_usec")).toBe(17);
    expect(flatKeyed("usage_usec x\n", "usage_usec")).toBeUndefined();
  });
});
