/** How a task ended: its state and what was said with it. */
export interface EndOfTask {
  readonly state: string;
  readonly message: string;
  /** `REASON_CONTAINER_LAUNCH_FAILED`; absent: not known. */
  readonly cause?: string;
}

/**
 * Whether a task never ran, so that there is nothing it could have printed: the cluster refused it (TASK_ERROR), it
 * was lost on its way, or its container could not be started (Mesos's words for it). Rule WHY17.
 */
export function neverRan({ state, message, cause }: EndOfTask): boolean {
  return (
    state === "TASK_ERROR" ||
    state === "TASK_DROPPED" ||
    cause === "REASON_CONTAINER_LAUNCH_FAILED" ||
    message.startsWith("Failed to launch container")
  );
}

/** Whether a task was killed because it took more memory than it may have (Mesos's words for it). Rule WHY17. */
export function ranOutOfMemory({ message, cause }: EndOfTask): boolean {
  return (
    cause === "REASON_CONTAINER_LIMITATION_MEMORY" || message.startsWith("Memory limit exceeded")
  );
}
