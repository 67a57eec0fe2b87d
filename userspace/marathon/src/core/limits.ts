/** Bounds of Marathon. */
export const limits = {
  /** Versions kept per app, the newest; those a running deployment needs are kept beside them. */
  versionsMax: 50,
  /** Instances that were given up for lost but may come back, remembered per app. */
  lostInstancesMax: 200,
  /** The same for apps that are gone, all together. */
  orphansMax: 1_000,
  appsMax: 10_000,
  /** Apps of one request, and their definitions as JSON: they are made durable in one write. */
  changesMax: 200,
  changesCharactersMax: 300_000,
  /** Warnings about the VIP labels of one app. */
  vipWarningsMax: 20,
  /** What is kept of a message of the master. */
  messageCharactersMax: 2_000,
  instancesPerAppMax: 100_000,
  deploymentsMax: 1_000,
  /** A deployment that has not finished by then fails; its apps go on being kept as far as it came. */
  deploymentMs: 7 * 86_400_000,
  /** A launch the agent has said nothing about by then is given up. */
  launchTimeoutMs: 300_000,
  /** A task that ran at least this long starts its back-off anew when it fails. */
  stableMs: 60_000,
  /** After the first KILL, and after each that followed. */
  killRetryFirstMs: 10_000,
  killRetryMs: 60_000,
  /** Full reconciliation with the master, from the start of a subscription and then again. */
  reconcileIntervalMs: 600_000,
  /** While tasks are away the master is asked about them this often, and about so many at a time. */
  awayIntervalMs: 60_000,
  awayAskedMax: 1_000,
  /** Revives at once, and how many come back per second. */
  revivesMax: 20,
  revivesPerSecond: 10,
  /** Instances launched at once, so that one answer to offers takes no longer than a blink. */
  launchesPerStepMax: 2_000,
  /** Instances of one app accepted from one offer. */
  launchesPerOfferMax: 200,
  /** How long an offer's agent is left alone when nothing fits it, and when nothing is wanted. */
  refuseUnmatchedSeconds: 30,
  refuseIdleSeconds: 3_600,
  /** Offers remembered per app to explain why it waits. */
  unusedOffersMax: 10,
  agentsExplainedMax: 1_000,
  /** Rounds in which one step lets apps and deployments react to one another. */
  settleRoundsMax: 10_000,
} as const;
