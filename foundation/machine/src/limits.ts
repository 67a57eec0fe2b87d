/** Bounds of the loop. */
export const limits = {
  /** Events stepped into one batch, i.e. into one `persist`. */
  batchEventsMax: 1024,
  /** Events stepped before the loop gives the turn back to the world. */
  turnEventsMax: 4096,
} as const;
