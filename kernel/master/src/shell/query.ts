import type { TaskQuery } from "../core/read/v0/lists-json.ts";
import { limits } from "./limits.ts";

/** What `/tasks` was asked for; numbers that are none are ignored, as in Mesos. */
export function taskQueryOf(query: URLSearchParams): TaskQuery {
  const frameworkId = query.get("framework_id");
  const taskId = query.get("task_id");
  return {
    ...(frameworkId === null ? {} : { frameworkId }),
    ...(taskId === null ? {} : { taskId }),
    limit: countOf(query.get("limit")) ?? limits.taskPageDefault,
    offset: countOf(query.get("offset")) ?? 0,
    order: query.get("order") === "asc" ? "asc" : "desc",
  };
}

function countOf(text: string | null): number | undefined {
  if (text === null || !/^\d{1,9}$/u.test(text)) return undefined;
  return Number(text);
}

const msOfUnit = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  secs: 1000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
} as const;

/** Milliseconds of a duration like `2secs`; undefined when it is none. */
export function durationMsOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|secs|mins|hrs|days|weeks)$/u.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * msOfUnit[match[2] as keyof typeof msOfUnit];
}

/** What is wrong with a duration like `2secs`; undefined when nothing is, or there is none. */
export function timeoutFaultOf(text: string | null): string | undefined {
  if (text === null || durationMsOf(text) !== undefined) return undefined;
  const number = /^[\d.]*/u.exec(text)?.[0] ?? "";
  const reason = number === "" ? "Failed to convert '' to number." : "Unknown duration unit";
  return `Invalid timeout '${text}': ${reason}\n`;
}
