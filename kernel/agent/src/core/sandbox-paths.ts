/** Where the sandbox of one run of a command task lies, laid out as Mesos lays it out. */
export interface SandboxPaths {
  readonly dir: string;
  /** A link in the same folder that points to the newest run. */
  readonly latestLink: string;
}

/** The paths of a run. Ids hold no slash and are neither `.` nor `..` (rule IDS1). Rule AGT20. */
export function sandboxPathsOf(run: {
  readonly workDir: string;
  readonly agentId: string;
  readonly frameworkId: string;
  readonly executorId: string;
  readonly containerId: string;
}): SandboxPaths {
  const runs = `${run.workDir}/slaves/${run.agentId}/frameworks/${run.frameworkId}/executors/${run.executorId}/runs`;
  return { dir: `${runs}/${run.containerId}`, latestLink: `${runs}/latest` };
}
