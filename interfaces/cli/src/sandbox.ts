import { formatTimestamp, ok } from "@tutti/base";
import type { LoggedTask } from "./logged-task.ts";
import { type Outcome, refused } from "./refusal.ts";
import type { Service } from "./service.ts";

/** Something in a sandbox, as `tutti task ls --json` shows it. */
export interface SandboxEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Bytes. */
  readonly size: number;
  /** `-rw-r--r--`. */
  readonly mode: string;
  readonly user: string;
  readonly group: string;
  readonly modifiedAt: string;
}

/** An entry of an agent's `/files/browse`. */
interface BrowsedFile {
  readonly path: string;
  readonly size: number;
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/** A task's sandbox as agents name it; a command task's executor has the task's id. */
export function sandboxPath({ frameworkId, executorId }: LoggedTask): string {
  return `/frameworks/${frameworkId}/executors/${executorId}/runs/latest`;
}

/**
 * What lies in a folder of a sandbox, by name; of a file, the file. Refuses with NOT_FOUND when there is no
 * such thing, or no sandbox any more.
 */
export async function listSandbox(
  agent: Service,
  task: LoggedTask,
  path: string,
): Promise<Outcome<readonly SandboxEntry[]>> {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const root = sandboxPath(task);
  const listed = await browse(agent, [root, ...parts].join("/"));
  if (!listed.ok) return listed.error.code === "NOT_FOUND" ? missing(task, path) : listed;
  const last = parts.at(-1);
  if (listed.value.length > 0 || last === undefined) return listed;
  // An agent lists nothing of a file: look for it beside its neighbours.
  const beside = await browse(agent, [root, ...parts.slice(0, -1)].join("/"));
  if (!beside.ok) return listed;
  return ok(beside.value.filter(({ name, isDirectory }) => name === last && !isDirectory));
}

async function browse(agent: Service, path: string): Promise<Outcome<readonly SandboxEntry[]>> {
  const answer = await agent.call<readonly BrowsedFile[]>({
    path: `/files/browse?${new URLSearchParams({ path }).toString()}`,
  });
  if (!answer.ok) return answer;
  return ok(answer.value.map(entryOf).toSorted((left, right) => (left.name < right.name ? -1 : 1)));
}

function entryOf({ path, size, mode, uid, gid, mtime }: BrowsedFile): SandboxEntry {
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    isDirectory: mode.startsWith("d"),
    size,
    mode,
    user: uid,
    group: gid,
    modifiedAt: formatTimestamp(mtime * 1000),
  };
}

function missing(task: LoggedTask, path: string): ReturnType<typeof refused> {
  return path === ""
    ? refused("NOT_FOUND", `Task ${task.id} has no sandbox on its machine.`, {
        hint: "It has not started yet, or its sandbox was removed after its end.",
      })
    : refused("NOT_FOUND", `There is no ${path} in the sandbox of task ${task.id}.`, {
        hint: `See ./tutti task ls ${task.id}.`,
      });
}
