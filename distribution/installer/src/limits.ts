/** Bounds of the installer. */
export const limits = {
  /** Agents of one cluster on one machine: as many as its /24 has room for, less a reserve. */
  agentsMax: 200,
  /** Search domains that the C library takes (dns-forwarder bounds the file alike). */
  searchDomainsMax: 6,
  /** How long another `up` or `down` is waited for. */
  lockWaitS: 120,
  /** A command of the machine (ip, nft, mount …) that has not ended by then has failed. */
  commandTimeoutMs: 30_000,
  /** apt-get, which waits for mirrors and locks. */
  aptTimeoutMs: 900_000,
  /** From the start of the processes until all answer and all agents are registered. */
  readyTimeoutMs: 60_000,
  /** The sample app, from its definition to two healthy instances. */
  sampleTimeoutMs: 60_000,
  /** Between two looks at something that is waited for. */
  pollIntervalMs: 20,
  /** One request to a process of the cluster. */
  requestTimeoutMs: 5_000,
  /** A process that ended this often before it ever answered is not going to. */
  earlyExitsMax: 3,
  /** After SIGTERM: how long processes may take to end before they are killed. */
  stopTimeoutMs: 5_000,
  /** After SIGKILL: how long the kernel may take. */
  killTimeoutMs: 10_000,
  /** Less free space than this on the cluster's disk, and it cannot keep its state. */
  diskFreeMbMin: 64,
  /** What is left when a disk is called full. */
  diskFullMb: 2,
  /** Lines of a failing process's log shown with the failure. */
  logTailLines: 12,
} as const;
