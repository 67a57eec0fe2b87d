import type { App, VersionedApp } from "@tutti/marathon-v2";

/**
 * Whether two definitions differ at most in what needs no new instances: the number of instances and
 * Marathon's own bookkeeping. Everything else replaces instances (as Marathon). Rule MAR19.
 */
export function sameConfig(left: App | VersionedApp, right: App | VersionedApp): boolean {
  return configText(left) === configText(right);
}

/** A text that is equal for equal configurations: keys in order, lists as they are. */
function configText(app: App | VersionedApp): string {
  const { instances: _instances, ...rest } = app;
  const config: Record<string, unknown> = { ...rest };
  delete config["version"];
  delete config["versionInfo"];
  return JSON.stringify(sorted(config));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}
