import type { AgentHello } from "@tutti/node-v1";
import type { Session } from "../entities.ts";

/** A hello that was admitted. */
export interface Adoption {
  readonly session: Session;
  readonly hello: AgentHello;
  readonly wasUnreachable: boolean;
}
