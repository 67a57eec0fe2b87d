/** Bounds of the command line. */
export const limits = {
  /** An app definition from a file or standard input. */
  definitionBytesMax: 1024 * 1024,
  requestTimeoutMs: 15_000,
  /** A process that was ended is started again by its keeper: so long it is waited for, and asked so often. */
  restartMsMax: 5_000,
  restartIntervalMs: 250,
  /** From one that does not lead to the one that does. */
  redirectsMax: 2,
  /** How often a deployment or a followed log is looked at. */
  pollIntervalMs: 400,
  /** How long the event of a deployment's end may come after the state it tells of. */
  eventDelayMs: 600,
  eventIntervalMs: 20,
  /** How often a followed app is asked for new instances. */
  instancesIntervalMs: 1000,
  /** Between attempts while something followed cannot be reached. */
  retryIntervalMs: 1500,
  /** Between two lines of progress that say the same, when standard error is no terminal. */
  progressIntervalMs: 10_000,
  deploymentTimeoutSeconds: 600,
  /** After so many refused instances of an app, none running, its deployment is not waited for. */
  refusedInstancesMax: 3,
  /** The same of instances that ran and ended for the same reason: what they depend on may still be starting. */
  endedInstancesMax: 10,
  /** An instance that lives so long after its deployment was done runs. */
  settleMs: 1000,
  /** How long after a drain instances may take to find other machines. */
  placementMsMax: 4000,
  /** Apps left short by a drain that are told one by one. */
  shortAppsMax: 10,
  /** While waiting for a deployment, so long may Marathon be away without a break. */
  awayMsMax: 60_000,
  /** One piece of a log: what an agent answers at most. */
  logReadBytes: 60 * 1024,
  /** How far back from its end a log is searched for the wanted lines. */
  logTailBytesMax: 8 * 1024 * 1024,
  /** A longer line is shown in pieces. */
  logLineBytesMax: 256 * 1024,
  logLinesDefault: 10,
  /** How long an explanation waits for the master; without it Marathon's words are used. */
  explainMasterMs: 3000,
  /** What a completion may ask the cluster for takes at most so long. */
  completionMs: 300,
  candidatesMax: 500,
  /** Between two frames of `top`. */
  topIntervalMs: 2000,
  /** Between the two looks that tell what is used. */
  topFirstIntervalMs: 1000,
  /** Everything that a frame shows is asked for within this time; what is late is missing. */
  topRoundMs: 1500,
  /** Agents asked at the same time. */
  topInFlightMax: 16,
  /** Tasks among which the holder of a port is looked for. */
  portTasksMax: 10_000,
  /** Machines that are asked for their connections, and for how long each. */
  vipMachinesMax: 1000,
  vipMachineMs: 1500,
  /** Names older than this are told to be so; a master is heard every few seconds. */
  tableAgeSeconds: 30,
  /** How long a definition's problems are waited for. */
  problemsMs: 1000,
  /** Tasks of other frameworks that are listed, and ports of each. */
  foreignTasksMax: 10_000,
  foreignPortsMax: 10,
} as const;
