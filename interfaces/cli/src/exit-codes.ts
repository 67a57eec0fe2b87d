/** Why a command did not do what it was asked, and what the process ends with. */
export const exitCodes = {
  /** Marathon, the master or an agent refused, or something failed. */
  REFUSED: 1,
  INVALID: 1,
  FAILED: 1,
  LOG_UNAVAILABLE: 1,
  /** The command line is wrong: nothing was asked of the cluster. */
  USAGE: 2,
  FILE_UNREADABLE: 2,
  INVALID_DEFINITION: 2,
  NO_CLUSTER: 3,
  UNREACHABLE: 3,
  NOT_FOUND: 4,
  CONFLICT: 5,
  APP_LOCKED: 5,
  DEPLOYMENT_FAILED: 6,
  DEPLOYMENT_TIMEOUT: 6,
  DRAIN_TIMEOUT: 6,
  UNAUTHENTICATED: 7,
  FORBIDDEN: 7,
  INTERRUPTED: 130,
} as const;

/** The code of a CLI refusal: stable, shown in `--json`. */
export type CliCode = keyof typeof exitCodes;
