import type { RecordWrite } from "./coordination.ts";

/** What a multi-write changes, worked out before anything is touched. */
export type WritePlan =
  | { readonly type: "apply"; readonly changes: readonly RecordChange[] }
  | { readonly type: "conflict"; readonly path: string; readonly actualVersion: number };

/** The end state of one touched record. */
export type RecordChange =
  | {
      readonly type: "put";
      readonly path: string;
      readonly value: Uint8Array;
      readonly version: number;
    }
  | { readonly type: "delete"; readonly path: string };

/**
 * Works out a multi-write against the versions that `versionOf` gives (0 for an absent record).
 * Writes of one record see each other; a removed and newly made record begins at version 1.
 */
export function planWrites(
  writes: readonly RecordWrite[],
  versionOf: (path: string) => number,
): WritePlan {
  const changes = new Map<string, RecordChange>();
  const versions = new Map<string, number>();
  for (const write of writes) {
    const { path, expectedVersion } = write;
    const actualVersion = versions.get(path) ?? versionOf(path);
    if (expectedVersion !== undefined && expectedVersion !== actualVersion) {
      return { type: "conflict", path, actualVersion };
    }
    if (write.type === "put") {
      const version = actualVersion + 1;
      versions.set(path, version);
      changes.set(path, { type: "put", path, value: write.value, version });
    } else {
      versions.set(path, 0);
      // A record that never was is not removed: nobody is told of a change.
      if (actualVersion > 0) changes.set(path, { type: "delete", path });
      else changes.delete(path);
    }
  }
  return { type: "apply", changes: [...changes.values()] };
}
