import type { MasterEvent } from "../events.ts";

/** A scheduler call with its envelope. */
export type SchedulerCallEvent = Extract<MasterEvent, { readonly type: "schedulerCall" }>;
