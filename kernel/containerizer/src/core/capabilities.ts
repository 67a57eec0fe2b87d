/** Linux capabilities by bit number (`linux/capability.h`). */
const names = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;

/** What a container of user 0 may do: the set of the common container engines, nothing that reaches the host. */
const rootCapabilities: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

/** The names in a capability mask as `/proc/PID/status` prints it (hexadecimal); unknown bits are left out. */
export function parseCapabilityMask(hex: string): ReadonlySet<string> {
  const mask = BigInt(`0x${hex.trim()}`);
  return new Set(
    names.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n).map((name) => `CAP_${name}`),
  );
}

/**
 * The capabilities of a container: none for an unprivileged user; for user 0 the usual set, less what this
 * process has not got itself (a runtime refuses a configuration that names more).
 */
export function containerCapabilities(uid: number, own: ReadonlySet<string>): readonly string[] {
  return uid === 0 ? rootCapabilities.filter((name) => own.has(name)) : [];
}
