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

/** What is wrong with a duration like `2secs`; undefined when nothing is, or there is none. */
export function timeoutFaultOf(text: string | null): string | undefined {
  if (text === null || /^\d+(?:\.\d+)?(?:ns|us|ms|secs|mins|hrs|days|weeks)$/u.test(text)) {
    return undefined;
  }
  const number = /^[\d.]*/u.exec(text)?.[0] ?? "";
  const reason = number === "" ? "Failed to convert '' to number." : "Unknown duration unit";
  return `Invalid timeout '${text}': ${reason}\n`;
}
