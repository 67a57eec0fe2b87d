import { ok, refuse } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";

const segmentPattern =
  "^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|\\.\\.)$";
const labelPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const reservedWords: readonly string[] = ["restart", "tasks", "versions", ".", ".."];

/**
 * Resolves a Marathon path id against the group `base` and checks it: segments of lower-case letters,
 * digits and inner dashes, joined by dots within a segment and by slashes between them; `.` and `..`
 * are resolved; the root is `/`. The texts are those of Marathon. Rule IDS3.
 */
export function resolvePathId(
  text: string,
  base: string,
): Result<string, Refusal<"INVALID_PATH_ID">> {
  if (text.length === 0)
    return refuse("INVALID_PATH_ID", "Path must contain at least one path element");
  const resolved = text.startsWith("/") ? [] : segmentsOf(base);
  for (const segment of segmentsOf(text)) {
    if (segment === "..") resolved.pop();
    else if (segment !== ".") {
      if (!isSegment(segment)) {
        return refuse("INVALID_PATH_ID", `must fully match regular expression '${segmentPattern}'`);
      }
      resolved.push(segment);
    }
  }
  return ok(`/${resolved.join("/")}`);
}

/** Checks a resolved path id that names an app or a pod, which the root and reserved words do not. */
export function checkRunnablePathId(path: string): Result<string, Refusal<"INVALID_PATH_ID">> {
  const last = segmentsOf(path).at(-1);
  if (last === undefined) {
    return refuse("INVALID_PATH_ID", "Path must contain at least one path element");
  }
  if (reservedWords.includes(last)) {
    const words = reservedWords.join(", ");
    return refuse(
      "INVALID_PATH_ID",
      `must not end with any of the following reserved keywords: ${words}`,
    );
  }
  return ok(path);
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment.length > 0);
}

function isSegment(segment: string): boolean {
  return segment.split(".").every((label) => labelPattern.test(label));
}
