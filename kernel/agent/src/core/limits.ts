/** Bounds of the agent's core. */
export const limits = {
  /** Tasks that are not over; one more is refused. */
  activeTasksMax: 5_000,
  /** Tasks that are over and whose sandboxes still stand; the oldest goes first. */
  completedTasksMax: 1_000,
  /** How long the sandbox of a task that is over is kept: Mesos's `gc_delay`. */
  sandboxKeptMsDefault: 7 * 86_400_000,
  /** Of a disk: Mesos's `gc_disk_headroom`. */
  diskHeadroom: 0.1,
  /** However full the disk is. */
  sandboxKeptMsMin: 60_000,
  sandboxRemovalsInFlightMax: 4,
  /** An unacknowledged update is sent again after this, then after twice as long each time. */
  resendDelayMsMin: 10_000,
  resendDelayMsMax: 600_000,
  /** Attempts to destroy a container or to remove a sandbox are repeated with these pauses. */
  retryDelayMsMin: 1_000,
  retryDelayMsMax: 600_000,
  /** Pauses between two attempts to reach a master. */
  dialDelayMsMin: 250,
  dialDelayMsMax: 10_000,
  /** A session that ended is renewed after a chance part of this. */
  redialDelayMs: 250,
  /** Redirects followed from one master of the list. */
  redirectsMax: 4,
  /** From the dial to the master's welcome. */
  welcomeTimeoutMs: 15_000,
  /** After a stall of the event loop, how long the master's next sign of life is waited for. */
  stallGraceMs: 2_000,
  /** Messages in one post to the master. */
  postMessagesMax: 256,
  /** Pauses between two attempts of one post. */
  postDelayMsMin: 100,
  postDelayMsMax: 5_000,
  /** How long the acknowledgement of the master's messages may wait for company. */
  acknowledgeDelayMs: 500,
  /** Statuses shown with one task: the newest of each state. */
  statusesMax: 16,
  /** Processes and threads of one task. */
  pidsMax: 4_096,
  /** Mesos gives no task less. */
  memoryBytesMin: 32 * 1024 * 1024,
  cpusMilliMin: 10,
  /** Ports of one task whose connections are looked at while it drains. */
  servedPortsMax: 64,
  /** Text of a runtime's fault in a status message. */
  faultMessageLengthMax: 1_024,
  environmentBytesMax: 131_072,
  /** One file of output, and how many of them: DC/OS's default, and what a task may choose. */
  logBoundDefault: { bytesMax: 2 * 1024 * 1024, filesMax: 10 },
  logBytesMin: 4_096,
  logBytesMax: 1024 * 1024 * 1024,
  logFilesMax: 100,
} as const;
