import type { Account } from "./accounts.ts";
import { containerCapabilities } from "./capabilities.ts";
import { commandLine, environmentLines } from "./command.ts";
import type { ContainerCommand, ContainerLimits, ContainerSpec } from "./containerizer.ts";
import { configLimits } from "./limits.ts";

/** What the configuration of a container needs to know of the machine. */
export interface HostFacts {
  /** The machine's file system, bound recursively by the agent: `/` itself cannot be pivoted to. */
  readonly rootDir: string;
  /** The program that is the first process: forwards signals, reaps, passes the exit code on. */
  readonly initPath: string;
  /** Cgroup path of all containers, without the container's own name; starts with a slash. */
  readonly cgroupParent: string;
  /** Capabilities of this process. */
  readonly capabilities: ReadonlySet<string>;
  /** Hard limit of open files of this process. */
  readonly openFilesMax: number;
  /** Whether memory cgroups count swap (v1: `memory.memsw.*`, v2: `memory.swap.max`). */
  readonly swapAccounting: boolean;
  /** Mount points of cgroup trees, and of what holds them; made read-only for a task of user 0. */
  readonly cgroupMounts: readonly string[];
  /** A file to be seen in place of the machine's /etc/resolv.conf: where it is, and the real path it covers. */
  readonly resolvConf?: { readonly source: string; readonly destination: string };
}

/** The process of an OCI configuration. */
export interface OciProcess {
  readonly terminal: false;
  readonly user: {
    readonly uid: number;
    readonly gid: number;
    readonly additionalGids: readonly number[];
  };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Readonly<Record<CapabilitySet, readonly string[]>>;
  readonly rlimits: readonly {
    readonly type: string;
    readonly hard: number;
    readonly soft: number;
  }[];
  readonly noNewPrivileges: boolean;
}

type CapabilitySet = "bounding" | "effective" | "permitted" | "inheritable" | "ambient";

/** The parts of the OCI runtime configuration (version 1.0) that we use. */
export interface OciConfig {
  readonly ociVersion: "1.0.0";
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly: false };
  readonly mounts: readonly OciMount[];
  readonly linux: OciLinux;
}

/** One mount of an OCI configuration. */
export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** The Linux part of an OCI configuration. */
export interface OciLinux {
  readonly cgroupsPath: string;
  readonly namespaces: readonly { readonly type: "pid" | "mount" | "ipc" }[];
  readonly rootfsPropagation: "private";
  readonly resources: OciResources;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

/** The limits of an OCI configuration. */
export interface OciResources {
  readonly cpu: { readonly shares: number; readonly quota?: number; readonly period?: number };
  readonly memory: { readonly limit: number; readonly swap?: number };
  readonly pids: { readonly limit: number };
  readonly devices: readonly { readonly allow: boolean; readonly access: string }[];
}

const maskedPaths = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
];

const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/**
 * The OCI configuration of a container on the machine's own file system: own pid, mount and ipc namespaces,
 * the network of whoever starts the runtime, a private /dev that covers the machine's (a runtime would
 * otherwise edit the real one), no mount of sysfs (refused with the machine's network).
 */
export function ociConfig(spec: ContainerSpec, account: Account, host: HostFacts): OciConfig {
  return {
    ociVersion: "1.0.0",
    process: ociProcess(spec, account, host, [host.initPath, "-g", "--"]),
    root: { path: host.rootDir, readonly: false },
    mounts:
      host.resolvConf === undefined ? privateMounts : [...privateMounts, cover(host.resolvConf)],
    linux: {
      cgroupsPath: `${host.cgroupParent}/${spec.containerId}`,
      namespaces: [{ type: "pid" }, { type: "mount" }, { type: "ipc" }],
      rootfsPropagation: "private",
      resources: ociResources(spec.limits, host.swapAccounting),
      maskedPaths,
      readonlyPaths:
        account.uid === 0 ? [...readonlyPaths, "/sys", ...host.cgroupMounts] : readonlyPaths,
    },
  };
}

/**
 * The process of a further command in a running container: same user and rights, a session of its own so
 * that it can be ended as one.
 */
export function ociExecProcess(
  command: ContainerCommand,
  env: Readonly<Record<string, string>>,
  base: OciProcess,
): OciProcess {
  const merged = new Map(base.env.map((line) => [line.slice(0, line.indexOf("=")), line] as const));
  for (const line of environmentLines(env)) merged.set(line.slice(0, line.indexOf("=")), line);
  return {
    ...base,
    args: ["/usr/bin/setsid", "--wait", ...commandLine(command)],
    env: [...merged.values()].toSorted(),
  };
}

function ociProcess(
  spec: ContainerSpec,
  account: Account,
  host: HostFacts,
  prefix: readonly string[],
): OciProcess {
  const capabilities = containerCapabilities(account.uid, host.capabilities);
  return {
    terminal: false,
    user: { uid: account.uid, gid: account.gid, additionalGids: account.groups },
    args: [...prefix, ...commandLine(spec.command)],
    env: environmentLines(spec.env),
    cwd: spec.sandboxDir,
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: [],
      ambient: [],
    },
    rlimits: [{ type: "RLIMIT_NOFILE", hard: host.openFilesMax, soft: host.openFilesMax }],
    noNewPrivileges: account.uid !== 0,
  };
}

/** The limits of a container as the OCI configuration says them; least values are those of Apache Mesos. */
export function ociResources(limits: ContainerLimits, swapAccounting: boolean): OciResources {
  const memory = Math.max(configLimits.memoryBytesMin, Math.floor(limits.memoryBytes));
  const shares = Math.floor((limits.cpusMilli * configLimits.cpuSharesPerCpu) / 1000);
  return {
    cpu: {
      shares: Math.max(configLimits.cpuSharesMin, shares),
      ...(limits.cpusLimitMilli === undefined ? {} : cfs(limits.cpusLimitMilli)),
    },
    memory: swapAccounting ? { limit: memory, swap: memory } : { limit: memory },
    pids: { limit: limits.pidsMax },
    devices: [{ allow: false, access: "rwm" }],
  };
}

function cfs(cpusLimitMilli: number): { readonly quota: number; readonly period: number } {
  const period = configLimits.cfsPeriodUs;
  const quota = Math.floor((cpusLimitMilli * period) / 1000);
  return { quota: Math.max(configLimits.cfsQuotaUsMin, quota), period };
}

/** A file read-only over another one. */
function cover(files: { readonly source: string; readonly destination: string }): OciMount {
  return { ...files, type: "bind", options: ["bind", "ro", "nosuid", "nodev", "noexec"] };
}

const privateMounts: readonly OciMount[] = [
  {
    destination: "/proc",
    type: "proc",
    source: "proc",
    options: ["nosuid", "noexec", "nodev"],
  },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", `size=${String(configLimits.devBytesMax)}`],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", `size=${String(configLimits.shmBytesMax)}`],
  },
  {
    destination: "/dev/mqueue",
    type: "mqueue",
    source: "mqueue",
    options: ["nosuid", "noexec", "nodev"],
  },
];
