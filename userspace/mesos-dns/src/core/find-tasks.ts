import type { TaskFact } from "@tutti/discovery-v1";
import { givenName, hasDiscoveryName } from "@tutti/dns";
import type { NameIndex } from "./name-index.ts";
import { limits } from "./limits.ts";

/** Tasks that a name leads to, and the base that the answer rests on. */
export interface FoundTasks {
  readonly tasks: readonly TaskFact[];
  readonly base: string;
}

/** `web-i3abc-s12`: the name, the hash, the agent. */
const canonical = /^(.*)-[a-z0-9]{5}-[a-z0-9]+$/;

/**
 * The tasks that `given` names within a framework: by label; by DiscoveryInfo's name as it was written, dots and all (Mesos-DNS
 * calls that legacy, and people use it); by label or name with hash and agent. Undefined when there are none.
 */
export function findTasks(
  given: string,
  framework: string,
  index: NameIndex,
): FoundTasks | undefined {
  const plain = findByName(given, framework, index);
  if (plain !== undefined) return plain;
  const name = canonical.exec(given)?.[1];
  if (name === undefined) return undefined;
  const base = `${index.label(name)}.${framework}`;
  const task = index.taskAt(base, given.slice(name.length));
  if (task !== undefined && (index.label(name) === name || isNamed(task, name))) {
    return { tasks: [task], base };
  }
  const cut = index.cutCanonical(`${given}.${framework}`);
  if (cut === undefined) return undefined;
  return { tasks: [cut], base: `${index.label(givenName(cut))}.${framework}` };
}

function findByName(name: string, framework: string, index: NameIndex): FoundTasks | undefined {
  const label = index.label(name);
  if (label === "") return undefined;
  const base = `${label}.${framework}`;
  const tasks: TaskFact[] = [];
  for (const task of index.names.tasksAt(base)) {
    if (label === name || isNamed(task, name)) tasks.push(task);
    if (tasks.length >= limits.answerTasksMax) break;
  }
  return tasks.length > 0 ? { tasks, base } : undefined;
}

/** Whether DiscoveryInfo has this very name, case aside. */
function isNamed(task: TaskFact, name: string): boolean {
  return hasDiscoveryName(task) && givenName(task).toLowerCase() === name;
}
