import type { AgentId, RoleName } from "@tutti/ids";
import type { Resources } from "@tutti/resources";

/** What is left of accepted offers while operations are taken from it. */
export interface Purse {
  readonly agentId: AgentId;
  readonly role: RoleName;
  remaining: Resources;
  /** What the tasks launched so far use. */
  used: Resources;
}
