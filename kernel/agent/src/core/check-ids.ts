import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseFrameworkId, parseTaskId } from "@tutti/ids";

/** Refuses ids that cannot name a directory: the master refused them before. */
export function checkFrameworkTaskIds(frameworkId: string, taskId: string): Result<true> {
  const framework = parseFrameworkId(frameworkId);
  if (!framework.ok) return framework;
  const task = parseTaskId(taskId);
  return task.ok ? ok(true) : task;
}
