import { isIPv6 } from "node:net";
import { Fault } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseAttributesText, parseResourcesText } from "@tutti/resources";
import { limits as coreLimits } from "../core/index.ts";
import type { AgentConfig } from "../core/index.ts";
import { isRoot, ownUser, readBootId } from "./machine-facts.ts";

/** How an agent is started. */
export interface StartAgentConfig {
  /** Address to listen on; tasks and masters see it. */
  readonly ip: string;
  /** The machine's IPv6 address: only told, of tasks on the machine's network (Mesos: `--ip6`). */
  readonly ip6?: string;
  /** Usually 5051. */
  readonly port: number;
  readonly hostname: string;
  /** `http://ip:5050` of every master; the leader is found by redirect. */
  readonly masters: readonly string[];
  /** The cluster's secret: shown to the master, asked of who wants to change something. */
  readonly secret: string;
  /** Lets everybody change everything. */
  readonly open: boolean;
  /** `cpus:4;mem:1024;disk:10000;ports:[31000-32000]`; a role in parentheses reserves: `cpus(web):1`. */
  readonly resources: string;
  /** `rack:a;public_ip:true` */
  readonly attributes: string;
  /** Absolute; records in `meta`, sandboxes in `slaves`. Used by no other agent. */
  readonly workDir: string;
  /** Absolute; what belongs to running containers. */
  readonly runtimeDir: string;
  /** Cgroup path under which every task gets a group of its own. */
  readonly cgroupParent: string;
  /** For tasks that name no user; default `nobody`. Ignored when the agent itself is not root. */
  readonly user?: string;
  /** Whether tasks may run as root when they or their framework say so. Default: no. */
  readonly rootAllowed?: boolean;
  /** Whether tasks are held to the cpus they asked for. Default: yes. */
  readonly cpuQuota?: boolean;
  /** How long the sandbox of a task that is over is kept. Default: a week. */
  readonly sandboxKeptMs?: number;
  /** How often the disk is looked at, to keep sandboxes shorter while it is full. Default: every minute. */
  readonly diskWatchMs?: number;
  /** The release of this software, e.g. `0.1.0`. */
  readonly release: string;
  /**
   * Absolute path of a file that containers see, read-only, as /etc/resolv.conf. Looked for at each launch:
   * while it is not there they see the machine's.
   */
  readonly resolvConf?: string;
  /**
   * `http://ip:62080` of the `node` process of every master: asked whether a task that is to end has been taken
   * out everywhere. Without them such a task is held as long as it says.
   */
  readonly discoveries?: readonly string[];
  readonly containerizer?: {
    readonly kind?: "auto" | "oci" | "process";
    readonly runtime?: "crun" | "runc";
    /** Goes into the names of supervisors. Default `tutti`. */
    readonly stateMark?: string;
  };
  /** Told of what the agent cannot go on after. Default: the process ends with status 1. */
  readonly onFatal?: (error: Error) => void;
}

/** What the core is told. Throws a `Fault` CONFIG that names what is wrong. */
export function coreConfigOf(config: StartAgentConfig): AgentConfig {
  const resources = valueOf("resources", parseResourcesText(config.resources)).toMessages();
  const attributes = valueOf("attributes", parseAttributesText(config.attributes));
  if (config.masters.length === 0) throw wrong("masters", "name at least one");
  for (const url of config.discoveries ?? []) originOf(url, "discoveries");
  if (config.resolvConf !== undefined) absolute("resolvConf", config.resolvConf);
  return {
    info: { hostname: config.hostname, port: config.port, resources, attributes },
    ip: config.ip,
    ...(config.ip6 === undefined ? {} : { ip6: ipv6("ip6", config.ip6) }),
    port: config.port,
    release: config.release,
    bootId: readBootId(),
    masters: config.masters.map((url) => originOf(url, "masters")),
    workDir: absolute("workDir", config.workDir),
    users: {
      defaultUser: isRoot() ? (config.user ?? "nobody") : ownUser(),
      switching: isRoot(),
      rootAllowed: config.rootAllowed ?? false,
    },
    cpuQuota: config.cpuQuota ?? true,
    sandboxKeptMs: config.sandboxKeptMs ?? coreLimits.sandboxKeptMsDefault,
  };
}

function valueOf<T>(name: string, result: Result<T>): T {
  if (!result.ok) throw wrong(name, result.error.message);
  return result.value;
}

function originOf(url: string, name: string): string {
  if (!URL.canParse(url) || new URL(url).protocol !== "http:") {
    throw wrong(name, `'${url}' is not an http: address such as http://10.0.0.1:5050`);
  }
  return new URL(url).origin;
}

function ipv6(name: string, text: string): string {
  if (!isIPv6(text) || text.includes("%")) throw wrong(name, `'${text}' is not an IPv6 address`);
  return text;
}

function absolute(name: string, path: string): string {
  if (!path.startsWith("/")) throw wrong(name, `'${path}' is not an absolute path`);
  return path.replace(/\/+$/, "");
}

function wrong(name: string, why: string): Fault {
  return new Fault("CONFIG", `agent configuration, ${name}: ${why}`, { retryable: false });
}
