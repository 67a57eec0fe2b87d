import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "@tutti/base";
import type { Containerizer } from "./core/containerizer.ts";
import { detect, type Detected } from "./detect.ts";
import { loggerProgram } from "./machine/loggers.ts";
import { RunDir } from "./machine/run-dir.ts";
import { Launcher } from "./oci/launcher.ts";
import { OciContainerizer } from "./oci/oci-containerizer.ts";
import { ProcessContainerizer } from "./process/process-containerizer.ts";

/** How containers of one agent are made. */
export interface ContainerizerConfig {
  /** Absolute; kept over restarts of the agent; used by no other agent. */
  readonly runtimeDir: string;
  /** Cgroup path under which every container gets a group of its own, e.g. `/tutti-ab12/agent1/containers`. */
  readonly cgroupParent: string;
  /** Goes into the names of supervisors, so that whoever looks at the machine knows whose they are. */
  readonly stateMark: string;
  /** `auto`: OCI containers where the machine allows them, else plain processes. Default `auto`. */
  readonly kind?: "auto" | "oci" | "process";
  /**
   * Absolute path of a file that containers see, read-only, as /etc/resolv.conf. Looked for at each launch:
   * while it is not there they see the machine's. Plain processes always do.
   */
  readonly resolvConf?: string;
  /** Which OCI runtime; default crun, else runc. */
  readonly runtime?: "crun" | "runc";
}

/** A containerizer, and what it cannot give on this machine: one sentence each, for the log and the user. */
export interface CreatedContainerizer extends Containerizer {
  readonly lacks: readonly string[];
}

/**
 * Looks at the machine and makes the containerizer that fits. Throws a `Fault` NO_CONTAINERS when `kind` is
 * `oci` and the machine lacks something, or when it has nothing to write output with; its message says what.
 */
export async function createContainerizer(
  config: ContainerizerConfig,
): Promise<CreatedContainerizer> {
  if (!existsSync(loggerProgram))
    throw new Fault("NO_CONTAINERS", `no ${loggerProgram} (package perl-base)`, {
      retryable: false,
    });
  if (config.kind === "process") return asProcesses(config, []);
  const found = detect(config.runtime);
  if (found.lacks.length > 0) return refuseOr(config, found.lacks);
  const runDir = new RunDir(config.runtimeDir);
  const launcher = launcherFor(config, found);
  try {
    await launcher.ready();
  } catch (error) {
    return refuseOr(config, [(error as Error).message]);
  }
  const containerizer = new OciContainerizer({
    runDir,
    launcher,
    cgroups: found.cgroups,
    host: hostFacts(config, found),
    ...(config.resolvConf === undefined ? {} : { resolvConf: config.resolvConf }),
  });
  return Object.assign(containerizer, { lacks: [] });
}

function refuseOr(config: ContainerizerConfig, lacks: readonly string[]): CreatedContainerizer {
  if (config.kind === "oci")
    throw new Fault("NO_CONTAINERS", `no OCI containers on this machine: ${lacks.join("; ")}`, {
      retryable: false,
    });
  return asProcesses(config, lacks);
}

function asProcesses(
  config: ContainerizerConfig,
  reasons: readonly string[],
): CreatedContainerizer {
  return Object.assign(new ProcessContainerizer(new RunDir(config.runtimeDir)), {
    lacks: [
      ...reasons,
      "limits of cpu, memory and processes do not hold",
      "tasks have no namespaces of their own and see each other's processes",
      ...(process.getuid?.() === 0 ? [] : ["tasks run as the agent's own user"]),
      ...(config.resolvConf === undefined ? [] : ["tasks see the machine's own /etc/resolv.conf"]),
    ],
  });
}

function launcherFor(config: ContainerizerConfig, found: Detected): Launcher {
  const { layout } = found.cgroups;
  const hybrid = layout.version === "v1" ? layout.unified : undefined;
  return new Launcher({
    runDir: config.runtimeDir,
    runtimePath: found.runtimePath ?? "",
    hybridMount: hybrid ?? "",
    cgroupParent: config.cgroupParent,
    mark: config.stateMark,
    ownGroupFile: found.cgroups.ownGroupFile() ?? "",
  });
}

function hostFacts(
  config: ContainerizerConfig,
  found: Detected,
): ConstructorParameters<typeof OciContainerizer>[0]["host"] {
  const { layout } = found.cgroups;
  return {
    rootDir: `${config.runtimeDir}/hostroot`,
    initPath: found.initPath ?? "",
    cgroupParent: config.cgroupParent,
    capabilities: found.capabilities,
    openFilesMax: found.openFilesMax,
    swapAccounting: found.cgroups.swapAccounting(),
    cgroupMounts:
      layout.version === "v1"
        ? withFolders([...new Set(layout.controllers.values())])
        : layout.version === "v2"
          ? [layout.root]
          : [],
  };
}

/** The trees with the folders in which they are mounted before them: mostly a file system of its own, which can be written. */
function withFolders(mounts: readonly string[]): readonly string[] {
  const folders = new Set(mounts.map((mount) => dirname(mount)).filter((folder) => folder !== "/"));
  return [...folders, ...mounts];
}
