/** What Linux calls its signals in sentences (strsignal(3)), by number; index 0 is unused. */
const SENTENCES = [
  "",
  "Hangup",
  "Interrupt",
  "Quit",
  "Illegal instruction",
  "Trace/breakpoint trap",
  "Aborted",
  "Bus error",
  "Floating point exception",
  "Killed",
  "User defined signal 1",
  "Segmentation fault",
  "User defined signal 2",
  "Broken pipe",
  "Alarm clock",
  "Terminated",
  "Stack fault",
  "Child exited",
  "Continued",
  "Stopped (signal)",
  "Stopped",
  "Stopped (tty input)",
  "Stopped (tty output)",
  "Urgent I/O condition",
  "CPU time limit exceeded",
  "File size limit exceeded",
  "Virtual timer expired",
  "Profiling timer expired",
  "Window changed",
  "I/O possible",
  "Power failure",
  "Bad system call",
];

/** Signals the executor sends. */
export const signals = { terminate: 15, kill: 9 } as const;

/** A signal as Mesos names it in messages: `Terminated`, `Killed`, `Segmentation fault`. */
export function describeSignal(signal: number): string {
  return SENTENCES[signal] ?? `Unknown signal ${signal}`;
}
