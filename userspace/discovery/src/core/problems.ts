import type { Problem, ProblemCode } from "@tutti/discovery-v1";
import { sharedVipFaults } from "@tutti/dns";
import type { SharedVip } from "./vip-book.ts";
import { limits } from "./limits.ts";
import type { ClusterTask } from "./types.ts";
import type { World } from "./world.ts";

/** Whose problems are asked for. */
export interface ProblemFilter {
  readonly frameworkId?: string;
  readonly taskId?: string;
  readonly name?: string;
}

/** What is wrong with the definitions of tasks, at most `limits.problemsMax`, in the order of the tasks. */
export function problemsOf(world: World, filter: ProblemFilter): readonly Problem[] {
  const problems: Problem[] = [];
  const judged = new Map<string, SharedVip | undefined>();
  for (const known of world.cluster.tasks.values()) {
    const { task } = known;
    if (!matches(task, filter)) continue;
    problems.push(...problemsOfTask(world, task, world.vips.sharedBy(known, judged)));
    if (problems.length >= limits.problemsMax) return problems.slice(0, limits.problemsMax);
  }
  return problems;
}

function matches(task: ClusterTask, { frameworkId, taskId, name }: ProblemFilter): boolean {
  return (
    (frameworkId === undefined || task.frameworkId === frameworkId) &&
    (taskId === undefined || task.taskId === taskId) &&
    (name === undefined || task.name === name)
  );
}

function problemsOfTask(
  world: World,
  task: ClusterTask,
  shared: readonly SharedVip[],
): readonly Problem[] {
  const { frameworkId, taskId, name } = task;
  const problem = (code: ProblemCode, message: string): Problem => ({
    frameworkId,
    taskId,
    name,
    code,
    message,
  });
  return [
    ...world.faultsOf(task).map(({ code, message }) => problem(code, message)),
    ...shared.flatMap((vip) => sharedProblems(world, vip, problem)),
  ];
}

function sharedProblems(
  world: World,
  { vip, owners, given }: SharedVip,
  problem: (code: ProblemCode, message: string) => Problem,
): readonly Problem[] {
  const named = owners.map((owner) => {
    const [frameworkId = "", ...rest] = owner.split(" ");
    const framework = world.cluster.frameworks.get(frameworkId)?.framework.name ?? frameworkId;
    return `${rest.join(" ")} (${framework})`;
  });
  const faults = sharedVipFaults({ vip, owners: named, given });
  return faults.map(({ code, message }) => problem(code, message));
}
