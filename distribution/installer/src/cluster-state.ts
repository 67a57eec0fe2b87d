import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { hostCapacity, isRoot } from "./machine/host.ts";
import { findSubnet, hasNetwork } from "./machine/network.ts";
import { checkout } from "./cluster-dir.ts";
import { clusterFilePath, clusterPaths, type ClusterPaths } from "./machine/paths.ts";
import { readText } from "./machine/processes.ts";
import type { UpOptions } from "./options.ts";
import { masterAddress } from "./plan/addresses.ts";
import { parseClusterFile, ports, type ClusterFile } from "./plan/cluster-file.ts";
import { clusterIdFrom } from "./plan/names.ts";
import { moveCluster, planCluster } from "./plan/plan-cluster.ts";

/** The cluster in a directory, or undefined. Throws a `Failure` for a file that is not ours. */
export function readCluster(dir: string): ClusterFile | undefined {
  refuseForeign(dir);
  const text = readText(clusterFilePath(dir));
  if (text === undefined) return undefined;
  const file = parseClusterFile(text);
  if (file !== undefined) return file;
  throw new Failure(`${clusterFilePath(dir)} is not a cluster's file, or is damaged`, {
    wayOut: "name another directory with --dir, or end what runs there with ./tutti down",
  });
}

/** Throws a `Failure` when there is a cluster in the directory that this user may not read. */
export function refuseForeign(dir: string): void {
  const path = clusterFilePath(dir);
  if (!existsSync(path)) return;
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    const { uid } = statSync(path);
    throw new Failure(`the cluster in ${dir} belongs to ${uid === 0 ? "root" : `user ${uid}`}`, {
      wayOut: "run the command as that user, or name another directory with --dir",
      cause: error,
    });
  }
}

/** The mark that the sample app is still to come: an `up` that was killed left it, the next one deploys it. */
export function sampleDuePath(dir: string): string {
  return join(dir, "sample.due");
}

/** Whether an earlier `up` of this cluster wanted the sample app and did not come so far. */
export function isSampleDue(dir: string): boolean {
  return existsSync(sampleDuePath(dir));
}

/** Plans a new cluster: id, secret, addresses. Nothing is made yet. */
export async function newCluster(
  dir: string,
  options: UpOptions,
  made: { readonly dirCreated: boolean },
): Promise<ClusterFile> {
  const root = isRoot();
  const subnet = root ? await findSubnet(undefined) : await findLoopback(undefined);
  return planCluster(options, {
    id: clusterIdFrom(randomBytes(6)),
    secret: randomBytes(24).toString("base64url"),
    addressing: { prefix: root ? "10.213" : "127.213", subnet },
    dirCreated: made.dirCreated,
    host: hostCapacity(dir),
  });
}

/** The same cluster for another start: in its old subnet, or in another one when that is taken by now. */
export async function placeAgain(cluster: ClusterFile): Promise<ClusterFile> {
  if (cluster.network === "namespaces") {
    if (!isRoot())
      throw new Failure("this cluster was started by root", {
        wayOut: "run the command as root, or name another directory with --dir",
      });
    if (hasNetwork(cluster)) return cluster;
    return moveCluster(cluster, await findSubnet(cluster.subnet));
  }
  return moveCluster(cluster, await findLoopback(cluster.subnet));
}

/** The first loopback subnet in which nothing listens where a master would. */
async function findLoopback(preferred: number | undefined): Promise<number> {
  const candidates = Array.from({ length: 256 }, (_, number) => number);
  if (preferred !== undefined) candidates.unshift(preferred);
  for (const subnet of candidates) {
    const address = masterAddress({ prefix: "127.213", subnet }, 0);
    if (subnet === preferred || (await canListen(address))) return subnet;
  }
  throw new Failure("no loopback address is free for a master", {
    wayOut: "end another cluster first: ./tutti down --dir DIR",
  });
}

function canListen(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(ports.master, address, () => {
      server.close(() => resolve(true));
    });
  });
}

/** Writes the cluster's file, readable by its owner only, and marks its run directory as its own. */
export function writeCluster(dir: string, cluster: ClusterFile): void {
  mkdirSync(dir, { recursive: true });
  const paths = clusterPaths(dir, cluster);
  const fresh = `${paths.file}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, `${JSON.stringify(cluster, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, paths.file);
  mkdirSync(paths.machinesDir, { recursive: true });
  mkdirSync(paths.names.runDir, { recursive: true });
  chmodSync(paths.names.runDir, 0o755);
  writeFileSync(join(paths.names.runDir, "dir"), dir);
}

/** Removes what a boot would remove as well. */
export function removeRunDir(paths: ClusterPaths): void {
  rmSync(paths.names.runDir, { recursive: true, force: true });
}

/** Removes the cluster's state: its file, its machines, and the directory itself when `up` made it. */
export function removeState(paths: ClusterPaths, cluster: Pick<ClusterFile, "dirCreated">): void {
  rmSync(paths.machinesDir, { recursive: true, force: true });
  rmSync(paths.file, { force: true });
  rmSync(sampleDuePath(paths.dir), { force: true });
  if (cluster.dirCreated) removeDir(paths.dir);
  else removeCache(paths.dir);
}

/** Removes a directory that `up` made, unless somebody keeps something there. */
export function removeDir(dir: string): void {
  removeCache(dir);
  try {
    rmdirSync(dir);
  } catch {
    // It is not empty.
  }
}

/** Removes what Node keeps compiled there; in the checkout it serves every cluster and stays. */
function removeCache(dir: string): void {
  if (dir !== join(checkout, ".tutti"))
    rmSync(join(dir, "cache"), { recursive: true, force: true });
}

/** Ids of clusters whose run directory says that they belong to `dir`, though their file is gone. */
export function idsWithoutFile(dir: string): readonly string[] {
  const base = isRoot() ? "/run" : dir;
  const prefix = isRoot() ? "tutti-" : "run-";
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .filter((name) => name.startsWith(prefix) && readText(join(base, name, "dir")) === dir)
    .map((name) => name.slice(prefix.length));
}

/** Run directories of root's clusters on this machine, without that of `id`. */
export function otherRunDirs(id: string | undefined): readonly string[] {
  if (!isRoot()) return [];
  return readdirSync("/run")
    .filter((name) => /^tutti-[a-z0-9]{6}$/.test(name) && name !== `tutti-${id ?? ""}`)
    .map((name) => `/run/${name}`);
}
