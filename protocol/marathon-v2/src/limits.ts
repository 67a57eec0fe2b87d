/** Bounds of this language. */
export const limits = {
  /** An app as JSON: it must fit into one record together with its bookkeeping. */
  appCharactersMax: 80_000,
  /** Ports of one app. */
  portsMax: 100,
} as const;
