import type { MasterAgents, MasterRole } from "@tutti/marathon-v2";

/** The moment of a view: its clock, and what the master said of its agents and roles, where it was asked. */
export interface Now {
  readonly monoMs: number;
  readonly wallMs: number;
  readonly agents?: MasterAgents;
  readonly roles?: readonly MasterRole[];
}
