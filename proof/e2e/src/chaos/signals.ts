/** Sends a signal; tells whether the process was there to take it. */
export function signalled(pid: number, signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): boolean {
  if (pid <= 1) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // It ended before.
    return false;
  }
}
