/** Who stands behind a request: holders of the cluster's secret are trusted, everybody else is anonymous. */
export interface Principal {
  readonly type: "trusted" | "anonymous";
  /** Its name, as agents and logs see it. */
  readonly name: string;
}

/** Whoever shows no secret to a guarded cluster. */
export const anonymous: Principal = { type: "anonymous", name: "anonymous" };
