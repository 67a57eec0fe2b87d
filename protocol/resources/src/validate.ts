import { ok, refuse } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";
import type { Resource, ValueRange } from "@tutti/mesos-v1";
import { formatResource } from "./format.ts";
import { toThousandths } from "./thousandths.ts";
import { faultOfReservations } from "./validate-reservations.ts";

/** A resource message that breaks a rule of `docs/spec/resources.md`. */
export type ResourceRefusal = Refusal<"INVALID_RESOURCE">;

/**
 * Checks resource messages as they come from outside, in the words of Mesos:
 * `Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0`. Rules RES1 to RES6.
 */
export function validateResources(
  messages: readonly Resource[],
): Result<readonly Resource[], ResourceRefusal> {
  for (const message of messages) {
    const fault = faultOfResource(message);
    if (fault !== undefined) {
      return refuse(
        "INVALID_RESOURCE",
        `Resource '${formatResource(message)}' is invalid: ${fault}`,
      );
    }
  }
  return ok(messages);
}

/** What is wrong with one message; undefined when nothing is. */
export function faultOfResource(message: Resource): string | undefined {
  if (message.name === "") return "Empty resource name";
  return (
    faultOfValue(message) ??
    faultOfDisk(message) ??
    faultOfReservations(message) ??
    faultOfSharing(message)
  );
}

function faultOfValue(message: Resource): string | undefined {
  const { scalar, ranges, set } = message;
  switch (message.type) {
    case "SCALAR":
      if (scalar === undefined || ranges !== undefined || set !== undefined) {
        return "Invalid scalar resource";
      }
      return faultOfScalar(scalar.value);
    case "RANGES":
      if (scalar !== undefined || ranges === undefined || set !== undefined) {
        return "Invalid ranges resource";
      }
      return faultOfRanges(ranges.range ?? []);
    case "SET":
      if (scalar !== undefined || ranges !== undefined || set === undefined) {
        return "Invalid set resource";
      }
      return new Set(set.item).size === (set.item ?? []).length
        ? undefined
        : "Invalid set resource: duplicated elements";
    case "TEXT":
      return "Unsupported resource type";
  }
}

function faultOfScalar(value: number): string | undefined {
  if (!Number.isFinite(value)) return "Invalid scalar resource: value is not finite";
  const amount = toThousandths(value);
  if (amount === undefined) return "Invalid scalar resource: value is too large";
  return value !== 0 && amount <= 0 ? "Invalid scalar resource: value <= 0" : undefined;
}

function faultOfRanges(ranges: readonly ValueRange[]): string | undefined {
  const seen: { begin: number; end: number }[] = [];
  for (const { begin, end } of ranges) {
    if (begin > end) return "Invalid ranges resource: begin > end";
    if (typeof begin === "bigint" || typeof end === "bigint") {
      return "Invalid ranges resource: value is too large";
    }
    if (begin < 0) return "Invalid ranges resource: value < 0";
    seen.push({ begin, end });
  }
  if (seen.length <= 1) return undefined;
  seen.sort((left, right) => left.begin - right.begin);
  for (const [index, range] of seen.entries()) {
    const before = seen[index - 1];
    if (before !== undefined && before.end >= range.begin) {
      return "Invalid ranges resource: overlapping ranges";
    }
  }
  return undefined;
}

function faultOfDisk(message: Resource): string | undefined {
  if (message.disk === undefined) return undefined;
  if (message.name !== "disk") return `DiskInfo should not be set for ${message.name} resource`;
  const source = message.disk.source;
  switch (source?.type) {
    case "BLOCK":
    case "RAW":
      if (source.mount !== undefined)
        return `Mount should not be set for ${source.type} disk source`;
      if (source.path !== undefined) return `Path should not be set for ${source.type} disk source`;
      return undefined;
    case "UNKNOWN":
      return "Unsupported 'DiskInfo.Source.Type' in 'UNKNOWN'";
    case "MOUNT":
    case "PATH":
    case undefined:
      return undefined;
  }
}

function faultOfSharing(message: Resource): string | undefined {
  if (message.shared === undefined) return undefined;
  if (message.name !== "disk") return `Resource ${message.name} cannot be shared`;
  return message.disk?.persistence === undefined
    ? "Only persistent volumes can be shared"
    : undefined;
}
