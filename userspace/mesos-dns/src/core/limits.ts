/** Bounds of the zone. */
export const limits = {
  /** Problems that are told; more are counted. */
  problemsMax: 100,
  /** Names that a problem shows. */
  problemNamesMax: 10,
  /** Records of one answer; a service of more tasks shows so many of them. */
  answerRecordsMax: 1000,
  /** Tasks that are looked at for one answer. */
  answerTasksMax: 4000,
  /** A label (RFC 1035). */
  labelLengthMax: 63,
} as const;
