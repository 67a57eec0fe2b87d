import { assert, utf8Decode, utf8Encode } from "@tutti/base";
import type { DeploymentStep, TaskFailure, VersionedApp } from "@tutti/marathon-v2";
import type { Instance } from "./instance.ts";

/** What the reconciler of an app keeps now; a deployment moves it step by step to the new version. */
export interface Applied {
  /** The version whose definition new instances get. */
  readonly version: string;
  readonly instances: number;
  /** A RestartApplication is at work: outdated instances are replaced. */
  readonly rolling: boolean;
}

/** An app. Its definitions are records of their own. */
export interface AppRecord {
  readonly schema: 1;
  readonly id: string;
  /** The version users see; absent once the app was deleted and its instances are being stopped. */
  readonly version?: string;
  readonly applied: Applied;
  readonly lastFailure?: TaskFailure;
}

/** The definition of an app in one version. */
export interface VersionRecord {
  readonly schema: 1;
  readonly app: VersionedApp;
}

/** An instance. */
export interface InstanceRecord {
  readonly schema: 1;
  readonly instance: Instance;
}

/** What a deployment changes about one app: versions before and after; absent means no such app. */
export interface AppChange {
  readonly app: string;
  readonly original?: string;
  readonly target?: string;
}

/** A deployment in progress: finished ones leave no record. */
export interface Deployment {
  readonly schema: 1;
  readonly id: string;
  readonly version: string;
  readonly startedAtMs: number;
  readonly changes: readonly AppChange[];
  readonly steps: readonly DeploymentStep[];
  /** Index of the step at work. */
  readonly currentStep: number;
}

/** A change of one record; the same shape as a write of `@tutti/coordination`. */
export type MarathonEntry =
  | { readonly type: "put"; readonly path: string; readonly value: Uint8Array }
  | { readonly type: "delete"; readonly path: string };

/** Everything that was durable: all records under `marathon/`. */
export interface MarathonDurable {
  readonly records: readonly { readonly path: string; readonly value: Uint8Array }[];
}

/** Where the records are. All under one root, so that one list reads them. */
export const recordPaths = {
  root: "marathon/",
  apps: "marathon/apps/",
  versions: "marathon/versions/",
  instances: "marathon/instances/",
  deployments: "marathon/deployments/",
  /** Written by the scheduler client, not by the core. */
  frameworkId: "marathon/framework-id",
} as const;

/** The part of a path that stands for an app: `/shop/web` is `shop_web`. */
function keyOf(appId: string): string {
  return appId.slice(1).replaceAll("/", "_");
}

/** Path of an app's record. */
export function appPath(appId: string): string {
  return recordPaths.apps + keyOf(appId);
}

/** Path of a version's record. */
export function versionPath(appId: string, version: string): string {
  return `${recordPaths.versions}${keyOf(appId)}/${version}`;
}

/** Path of an instance's record. */
export function instancePath(instanceId: string): string {
  return recordPaths.instances + instanceId;
}

/** Path of a deployment's record. */
export function deploymentPath(deploymentId: string): string {
  return recordPaths.deployments + deploymentId;
}

/** A record as bytes. */
export function encodeRecord(
  record: AppRecord | VersionRecord | InstanceRecord | Deployment,
): Uint8Array {
  return utf8Encode(JSON.stringify(record));
}

/** The records of one kind, in the order of their paths. Other schemas are a bug: ends the process. */
export function decodeRecords<T extends { readonly schema: 1 }>(
  durable: MarathonDurable,
  prefix: string,
): readonly T[] {
  const decoded: T[] = [];
  for (const { path, value } of durable.records) {
    if (!path.startsWith(prefix)) continue;
    const record = JSON.parse(utf8Decode(value)) as T;
    assert(record.schema === 1, `record ${path} has a schema this release does not know`);
    decoded.push(record);
  }
  return decoded;
}
