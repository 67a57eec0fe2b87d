import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { ok } from "@tutti/base";
import type { CliContext } from "./context.ts";
import { type Outcome, refused } from "./refusal.ts";

/** The cluster a command speaks to. */
export interface Target {
  /** Without a trailing slash, e.g. `http://10.213.0.2:5050`. */
  readonly masterUrl: string;
  readonly marathonUrl: string;
  /** The `node` process of the master's machine: names and virtual IPs. */
  readonly nodeUrl: string;
  /** Mesos-DNS on the master's machine. */
  readonly mesosDnsUrl: string;
  readonly secret: string | undefined;
  /** What the cluster's own directory says of it; undefined when it was named by its address. */
  readonly cluster: ClusterFile | undefined;
  /** The directory that `cluster` was read from. */
  readonly dir?: string;
}

/** The part of `cluster.json`, as the installer writes it, that the CLI reads. */
export interface ClusterFile {
  readonly id: string;
  readonly name: string;
  readonly masters: readonly { readonly name: string; readonly ip: string }[];
  readonly agents: readonly {
    readonly name: string;
    readonly ip: string;
    readonly public: boolean;
  }[];
  readonly secret: string;
  readonly open: boolean;
  readonly masterUrl: string;
  readonly marathonUrl: string;
  /** `namespaces`: its machines hang on a bridge of this host. */
  readonly network?: string;
}

/** Options that name a cluster. */
export interface TargetOptions {
  readonly dir?: string;
  readonly url?: string;
  readonly marathonUrl?: string;
  readonly secret?: string;
}

const mesosPort = 5050;
const marathonPort = 8080;
const nodePort = 62_080;
const mesosDnsPort = 8123;

/**
 * Finds the cluster: by `--url`, else by TUTTI_MASTER, else by `cluster.json` in the directory. Of master and
 * Marathon one address is enough: the other is the same host on its usual port. Refuses when there is none.
 */
export async function findTarget(
  context: CliContext,
  options: TargetOptions,
): Promise<Outcome<Target>> {
  const { env } = context;
  const byOption = options.url !== undefined || options.marathonUrl !== undefined;
  if (byOption && options.dir !== undefined) {
    return refused("USAGE", "--dir and an address both name a cluster.", {
      hint: "Give --dir, or --url and --marathon-url.",
    });
  }
  const master = byOption ? options.url : env["TUTTI_MASTER"];
  const marathon = options.marathonUrl ?? (byOption ? undefined : env["TUTTI_MARATHON"]);
  const secret = options.secret ?? env["TUTTI_SECRET"];
  const node = env["TUTTI_NODE"];
  if ((master ?? marathon) !== undefined && options.dir === undefined) {
    return fromAddresses({ master, marathon, node }, secret);
  }
  const dir = options.dir ?? context.dir;
  const path = join(dir, "cluster.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return refused("NO_CLUSTER", `There is no cluster in ${dir}: ${path} cannot be read.`, {
      hint: "Start one with ./tutti up, or name one with --dir, --url or TUTTI_MASTER.",
    });
  }
  const target = fromFile(path, text, options.secret);
  return target.ok ? ok({ ...target.value, dir }) : target;
}

function fromFile(path: string, text: string, secret: string | undefined): Outcome<Target> {
  const parsed = parseJson(text);
  if (!isClusterFile(parsed)) {
    return refused("NO_CLUSTER", `${path} does not describe a cluster.`, {
      hint: "End what is left of it with ./tutti down, then start anew with ./tutti up.",
    });
  }
  if (parsed.network === "namespaces" && !hasBridge(parsed.masterUrl)) {
    return refused(
      "NO_CLUSTER",
      `The cluster ${parsed.name} does not run: its network is not there.`,
      {
        hint: "./tutti up starts it again, with its state.",
      },
    );
  }
  return ok({
    masterUrl: withoutSlash(parsed.masterUrl),
    marathonUrl: withoutSlash(parsed.marathonUrl),
    nodeUrl: addressOn(parsed.masterUrl, nodePort),
    mesosDnsUrl: addressOn(parsed.masterUrl, mesosDnsPort),
    secret: secret ?? (parsed.open ? undefined : parsed.secret),
    cluster: parsed,
  });
}

/**
 * Whether this host holds the first address of the master's network, as it does while the cluster's bridge is
 * there. Without it a question, and the secret with it, would leave by the host's own way out. Rule CLI1.
 */
function hasBridge(masterUrl: string): boolean {
  const network = new URL(masterUrl).hostname.replace(/\d+$/, "");
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return all.some(({ address }) => address === `${network}1`);
}

function fromAddresses(
  addresses: {
    readonly master: string | undefined;
    readonly marathon: string | undefined;
    readonly node: string | undefined;
  },
  secret: string | undefined,
): Outcome<Target> {
  for (const address of [addresses.master, addresses.marathon, addresses.node]) {
    if (address !== undefined && parseAddress(address) === undefined) {
      return refused("USAGE", `${address} is no address of a cluster.`, {
        hint: "Write it as http://HOST:PORT.",
      });
    }
  }
  const { master = addressOn(addresses.marathon, mesosPort) } = addresses;
  const { marathon = addressOn(addresses.master, marathonPort) } = addresses;
  return ok({
    masterUrl: urlOf(master),
    marathonUrl: urlOf(marathon),
    nodeUrl: addresses.node === undefined ? addressOn(master, nodePort) : urlOf(addresses.node),
    mesosDnsUrl: addressOn(master, mesosDnsPort),
    secret,
    cluster: undefined,
  });
}

function urlOf(address: string): string {
  return withoutSlash(parseAddress(address)?.toString() ?? address);
}

function addressOn(address: string | undefined, port: number): string {
  const url = parseAddress(address ?? "");
  return url === undefined ? "" : `http://${url.hostname}:${String(port)}`;
}

/** `http://host:port`; the scheme may be left out. */
function parseAddress(text: string): URL | undefined {
  const address = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === "http:" && url.hostname !== "" ? url : undefined;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isClusterFile(value: unknown): value is ClusterFile {
  if (typeof value !== "object" || value === null) return false;
  const file = value as Partial<Record<keyof ClusterFile, unknown>>;
  return (
    typeof file.masterUrl === "string" &&
    typeof file.marathonUrl === "string" &&
    Array.isArray(file.masters) &&
    Array.isArray(file.agents)
  );
}
