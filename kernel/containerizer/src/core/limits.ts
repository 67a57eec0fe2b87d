/** Bounds that decide what a container's configuration looks like. */
export const configLimits = {
  /** A smaller memory limit is raised to this, as Apache Mesos does (`MIN_MEMORY`, cgroups memory subsystem). */
  memoryBytesMin: 32 * 1024 * 1024,
  /** Least cpu shares (`MIN_CPU_SHARES`, cgroups cpu subsystem of Apache Mesos). */
  cpuSharesMin: 2,
  /** Shares of one whole cpu. */
  cpuSharesPerCpu: 1024,
  /** Length of a CFS period in microseconds. */
  cfsPeriodUs: 100_000,
  /** Least CFS quota in microseconds (`MIN_CPU_CFS_QUOTA`, 1 ms). */
  cfsQuotaUsMin: 1_000,
  /** Bytes of the private /dev and /dev/shm of a container. */
  devBytesMax: 65_536 * 1024,
  shmBytesMax: 64 * 1024 * 1024,
  /** Of `stdout` and of `stderr`: what DC/OS gives (2 MB, `rotate 9`). */
  logBoundDefault: { bytesMax: 2 * 1024 * 1024, filesMax: 10 },
} as const;
