// The registry of branded ids: alphabetical, append-only. Its parse functions hold the only casts.
import { assert, base64Decode, base64Encode, ok, refuse } from "@tutti/base";
import type { Brand, Refusal, Result } from "@tutti/base";
import { checkMesosId } from "./mesos-id-rules.ts";
import { checkRunnablePathId, resolvePathId } from "./path-id-rules.ts";
import { checkRoleName } from "./role-rules.ts";

/** An agent, as the master named it: `<master id>-S<n>`. */
export type AgentId = Brand<string, "AgentId">;
/** An app or a pod: an absolute path such as `/shop/web`. */
export type AppId = Brand<string, "AppId">;
/** One container; of a nested one, its own part of the path. */
export type ContainerId = Brand<string, "ContainerId">;
/** One Marathon deployment. */
export type DeploymentId = Brand<string, "DeploymentId">;
/** An executor, unique within its framework and agent. */
export type ExecutorId = Brand<string, "ExecutorId">;
/** A framework, as the master named it: `<master id>-<nnnn>`. */
export type FrameworkId = Brand<string, "FrameworkId">;
/** A group of apps: an absolute path; the root is `/`. */
export type GroupId = Brand<string, "GroupId">;
/** One instance of an app: `<app>.instance-<uuid>` or `<app>.marathon-<uuid>`. */
export type InstanceId = Brand<string, "InstanceId">;
/** One life of one leading master. */
export type MasterId = Brand<string, "MasterId">;
/** An offer or an inverse offer: `<master id>-O<n>`. */
export type OfferId = Brand<string, "OfferId">;
/** An operation, as the framework named it. */
export type OperationId = Brand<string, "OperationId">;
/** A persistent volume, unique within its role and agent. */
export type PersistenceId = Brand<string, "PersistenceId">;
/** A resource provider. */
export type ResourceProviderId = Brand<string, "ResourceProviderId">;
/** A role: `*`, `slave_public`, `eng/web`. */
export type RoleName = Brand<string, "RoleName">;
/** One subscription of a scheduler: the `Mesos-Stream-Id`. */
export type StreamId = Brand<string, "StreamId">;
/** A task, unique within its framework. */
export type TaskId = Brand<string, "TaskId">;
/** One status update: the 16 bytes of its UUID in base64, as messages carry them. */
export type UpdateUuid = Brand<string, "UpdateUuid">;

type IdResult<T> = Result<T, Refusal<"INVALID_ID">>;
type PathResult<T> = Result<T, Refusal<"INVALID_PATH_ID">>;

/** The default role. */
export const defaultRole = "*" as RoleName;
/** The root group. */
export const rootGroup = "/" as GroupId;

/** Refuses what rule IDS1 forbids. */
export function parseAgentId(text: string): IdResult<AgentId> {
  return checkMesosId(text) as IdResult<AgentId>;
}

/** Resolves `text` against the group `base`; refuses what rule IDS3 forbids. */
export function parseAppId(text: string, base: GroupId = rootGroup): PathResult<AppId> {
  const resolved = resolvePathId(text, base);
  return (resolved.ok ? checkRunnablePathId(resolved.value) : resolved) as PathResult<AppId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseContainerId(text: string): IdResult<ContainerId> {
  return checkMesosId(text) as IdResult<ContainerId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseDeploymentId(text: string): IdResult<DeploymentId> {
  return checkMesosId(text) as IdResult<DeploymentId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseExecutorId(text: string): IdResult<ExecutorId> {
  return checkMesosId(text) as IdResult<ExecutorId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseFrameworkId(text: string): IdResult<FrameworkId> {
  return checkMesosId(text) as IdResult<FrameworkId>;
}

/** Resolves `text` against the group `base`; the root is allowed. Rule IDS3. */
export function parseGroupId(text: string, base: GroupId = rootGroup): PathResult<GroupId> {
  return resolvePathId(text, base) as PathResult<GroupId>;
}

/** Refuses what is not `<app>.instance-<id>` or `<app>.marathon-<id>`. Rule IDS5. */
export function parseInstanceId(text: string): IdResult<InstanceId> {
  if (!/^.+\.(?:instance-|marathon-)[^.]+$/.test(text)) {
    return refuse("INVALID_ID", `'${text}' is not an instance id such as 'app.instance-<uuid>'`);
  }
  return checkMesosId(text) as IdResult<InstanceId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseMasterId(text: string): IdResult<MasterId> {
  return checkMesosId(text) as IdResult<MasterId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseOfferId(text: string): IdResult<OfferId> {
  return checkMesosId(text) as IdResult<OfferId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseOperationId(text: string): IdResult<OperationId> {
  return checkMesosId(text) as IdResult<OperationId>;
}

/** Refuses what rule IDS1 forbids. */
export function parsePersistenceId(text: string): IdResult<PersistenceId> {
  return checkMesosId(text) as IdResult<PersistenceId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseResourceProviderId(text: string): IdResult<ResourceProviderId> {
  return checkMesosId(text) as IdResult<ResourceProviderId>;
}

/** Refuses what rule IDS2 forbids. */
export function parseRoleName(text: string): Result<RoleName, Refusal<"INVALID_ROLE">> {
  return checkRoleName(text) as Result<RoleName, Refusal<"INVALID_ROLE">>;
}

/** Refuses what rule IDS1 forbids. */
export function parseStreamId(text: string): IdResult<StreamId> {
  return checkMesosId(text) as IdResult<StreamId>;
}

/** Refuses what rule IDS1 forbids. */
export function parseTaskId(text: string): IdResult<TaskId> {
  return checkMesosId(text) as IdResult<TaskId>;
}

/** Refuses all but the base64 of 16 bytes, in Mesos's words. Rule IDS4. */
export function parseUpdateUuid(base64: string): IdResult<UpdateUuid> {
  return base64Decode(base64)?.length === 16
    ? ok(base64 as UpdateUuid)
    : refuse("INVALID_ID", "Not a valid UUID");
}

/** The update's uuid made of 16 bytes. */
export function updateUuidOf(bytes: Uint8Array): UpdateUuid {
  assert(bytes.length === 16, "a UUID has 16 bytes");
  return base64Encode(bytes) as UpdateUuid;
}

/** The value of a parse that cannot fail: for ids the program has made itself. */
export function known<T>(result: Result<T>): T {
  assert(result.ok, result.ok ? "" : result.error.message);
  return result.value;
}
