/** Where the machine keeps its control groups. */
export type CgroupLayout =
  /** One tree for all controllers. */
  | { readonly version: "v2"; readonly root: string }
  /**
   * A tree per controller: controller name → mount point. `unified` is the mount point of an additional
   * version 2 tree (hybrid), which crun 1.8 does not tolerate.
   */
  | {
      readonly version: "v1";
      readonly controllers: ReadonlyMap<string, string>;
      readonly unified?: string;
    }
  | { readonly version: "none" };

interface Mount {
  readonly at: string;
  readonly fsType: string;
  readonly superOptions: readonly string[];
}

/** The mounts in the text of `/proc/self/mountinfo`, in order. */
function parseMounts(mountinfo: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of mountinfo.split("\n")) {
    const [left, right] = line.split(" - ");
    const at = left?.split(" ")[4];
    const [fsType, , superOptions] = right?.split(" ") ?? [];
    if (at === undefined || fsType === undefined) continue;
    mounts.push({
      at: unescapeMountPath(at),
      fsType,
      superOptions: (superOptions ?? "").split(","),
    });
  }
  return mounts;
}

/** `\040` and its kin back to the characters they stand for. */
function unescapeMountPath(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

const controllersOfInterest = [
  "cpu",
  "cpuacct",
  "cpuset",
  "memory",
  "devices",
  "freezer",
  "blkio",
  "pids",
  "net_cls",
  "net_prio",
  "perf_event",
  "hugetlb",
  "name=systemd",
];

/** The layout told by `/proc/self/mountinfo`; a machine with any version 1 controller for memory is v1. */
export function parseCgroupLayout(mountinfo: string): CgroupLayout {
  const mounts = parseMounts(mountinfo);
  const controllers = new Map<string, string>();
  for (const mount of mounts.filter((m) => m.fsType === "cgroup"))
    for (const option of mount.superOptions)
      if (controllersOfInterest.includes(option) && !controllers.has(option))
        controllers.set(option, mount.at);
  const unified = mounts.find((m) => m.fsType === "cgroup2")?.at;
  if (controllers.has("memory"))
    return unified === undefined
      ? { version: "v1", controllers }
      : { version: "v1", controllers, unified };
  return unified === undefined ? { version: "none" } : { version: "v2", root: unified };
}

/** Every directory that belongs to the cgroup `path` (starts with a slash), one per tree, without doubles. */
export function cgroupDirs(layout: CgroupLayout, path: string): readonly string[] {
  switch (layout.version) {
    case "v2":
      return [layout.root + path];
    case "v1":
      return [
        ...new Set([...layout.controllers.values()].map((mount) => mount + path)),
        ...(layout.unified === undefined ? [] : [layout.unified + path]),
      ];
    case "none":
      return [];
  }
}

/** The directory of one controller for the cgroup `path`, or undefined where the machine has none. */
export function controllerDir(
  layout: CgroupLayout,
  controller: "cpu" | "cpuacct" | "memory" | "pids",
  path: string,
): string | undefined {
  if (layout.version === "v2") return layout.root + path;
  if (layout.version === "none") return undefined;
  const mount = layout.controllers.get(controller);
  return mount === undefined ? undefined : mount + path;
}

/**
 * The directory of the group in which a process is: one that counts processes, whatever the others are. `text` is its
 * `/proc/PID/cgroup`.
 */
export function ownGroupDir(layout: CgroupLayout, text: string): string | undefined {
  for (const line of text.split("\n")) {
    const [, controllers = "", ...path] = line.split(":");
    const wanted = layout.version === "v2" ? controllers === "" : controllers === "pids";
    if (wanted && path.length > 0) return controllerDir(layout, "pids", path.join(":"));
  }
  return undefined;
}

/** The number after `key` in a flat keyed file such as `memory.events`, `memory.oom_control`, `cpu.stat`. */
export function flatKeyed(text: string, key: string): number | undefined {
  for (const line of text.split("\n")) {
    const [name, value] = line.split(" ");
    if (name === key && value !== undefined && /^\d+$/.test(value)) return Number(value);
  }
  return undefined;
}

/** Name of the file that counts processes killed for memory, under its controller's directory. */
export function oomFile(layout: CgroupLayout): string {
  return layout.version === "v2" ? "memory.events" : "memory.oom_control";
}

/** Whether the counting file says that the kernel killed for memory in this very group. */
export function oomKilled(text: string): boolean {
  return (flatKeyed(text, "oom_kill") ?? 0) > 0;
}
