/** What we read of `/proc/PID/stat`. */
export interface ProcStat {
  readonly pid: number;
  readonly state: string;
  readonly parentPid: number;
  readonly sessionId: number;
  /** User and system time in clock ticks. */
  readonly cpuTicks: number;
  /** Ticks after boot: together with the pid it names a process for ever (until the next boot). */
  readonly startTicks: number;
  readonly rssPages: number;
}

/** Parses a line of `/proc/PID/stat`; the name in parentheses may hold anything, also parentheses. */
export function parseProcStat(text: string): ProcStat | undefined {
  const close = text.lastIndexOf(")");
  if (close < 0) return undefined;
  const fields = text.slice(close + 2).split(" ");
  const number = (index: number): number => Number(fields[index] ?? Number.NaN);
  const stat: ProcStat = {
    pid: Number.parseInt(text, 10),
    state: fields[0] ?? "",
    parentPid: number(1),
    sessionId: number(3),
    cpuTicks: number(11) + number(12),
    startTicks: number(19),
    rssPages: number(21),
  };
  return Number.isFinite(stat.startTicks) ? stat : undefined;
}
