import { mkdirSync } from "node:fs";
import type {
  AgentFile,
  ConfigFiles,
  MasterFile,
  NodeFile,
  ProcessName,
  ServicesFile,
} from "./config.ts";

/** A process that runs. */
export interface Running {
  readonly url: string;
  /** Ends it; tasks go on. */
  stop(): Promise<void>;
}

/** The release that this checkout is. */
const release = "0.1.0";

/** Starts the rooms of one process. Each is loaded only where it is needed: it costs memory. */
export async function start<Name extends ProcessName>(
  name: Name,
  config: ConfigFiles[Name],
  onFatal: (error: Error) => void,
): Promise<Running> {
  switch (name) {
    case "master": {
      const { startMaster } = await import("@tutti/master");
      return startMaster({ ...(config as MasterFile), onFatal });
    }
    case "agent": {
      const { startAgent } = await import("@tutti/agent");
      const { containerizer, stateMark, resolvConf, ...rest } = config as AgentFile;
      const kind = { kind: containerizer, stateMark };
      const names = resolvConf === "" ? {} : { resolvConf };
      return startAgent({ ...rest, ...names, release, containerizer: kind, onFatal });
    }
    case "services": {
      const { startMarathon } = await import("@tutti/marathon");
      const { marathon } = config as ServicesFile;
      mkdirSync(marathon.stateDir, { recursive: true, mode: 0o700 });
      return startMarathon({ ...marathon, release, onFatal });
    }
    case "node": {
      const { startNode } = await import("./machine/start-node.ts");
      return startNode({ ...(config as NodeFile), release, onFatal });
    }
    default:
      throw new Error(`no process is called ${String(name)}`);
  }
}
