import type { AgentView } from "../view.ts";

/** A place in a sandbox: its directory, and the rest of the path, without a leading slash. */
export interface SandboxPlace {
  readonly dir: string;
  readonly rest: string;
}

/** `…/frameworks/F/executors/E/runs/R/rest`, after the agent's folder or nothing. */
const pattern = /^(.*)\/frameworks\/([^/]+)\/executors\/([^/]+)\/runs\/([^/]+)(?:\/(.*))?$/;

/**
 * Finds the sandbox that a path of the files API lies in: by its real path, or by the short one that
 * Mesos's web pages use (`/frameworks/F/executors/E/runs/latest`). Undefined: there is none. Rule AGT32.
 */
export function findSandbox(view: AgentView, path: string): SandboxPlace | undefined {
  const match = pattern.exec(path.replaceAll(/\/{2,}/g, "/"));
  if (match === null) return undefined;
  const [, folder = "", frameworkId, executorId, run, rest = ""] = match;
  const real = `${view.config.workDir}/slaves/`;
  if (folder !== "" && folder !== `${real}${view.agentId ?? ""}`) return undefined;
  const dirs = view.tasks.flatMap(({ record }) =>
    record.frameworkId === frameworkId && record.taskId === executorId && record.spec !== undefined
      ? [{ id: record.id, dir: record.spec.sandboxDir }]
      : [],
  );
  const found = run === "latest" ? dirs.at(-1) : dirs.find(({ id }) => id === run);
  return found === undefined ? undefined : { dir: found.dir, rest: rest.replace(/\/$/, "") };
}

/** `/files/debug`: every path of the files API and what it leads to. */
export function listSandboxPaths(view: AgentView): Readonly<Record<string, string>> {
  const paths: Record<string, string> = {};
  for (const { record } of view.tasks) {
    if (record.spec === undefined) continue;
    const dir = record.spec.sandboxDir;
    const latest = `${dir.slice(0, -record.id.length)}latest`;
    paths[dir] = dir;
    paths[latest] = dir;
    paths[`/frameworks/${record.frameworkId}/executors/${record.taskId}/runs/latest`] = dir;
  }
  return paths;
}
