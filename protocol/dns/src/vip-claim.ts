import type { ProblemCode } from "@tutti/discovery-v1";

/** Something wrong with one label of a definition. */
export interface LabelFault {
  readonly code: Exclude<ProblemCode, "VIP_SHARED" | "VIP_NAMES_COLLAPSE">;
  readonly message: string;
}

/** A task's wish to stand behind a VIP, for one protocol. */
export interface VipClaim {
  readonly target:
    /** `full`: the whole name, where it is known without the framework's. */
    | { readonly type: "name"; readonly name: string; readonly full?: string }
    | { readonly type: "address"; readonly address: string };
  /** Of the VIP. */
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** On the agent, when clients go there; undefined: there is none. */
  readonly agentPort: number | undefined;
  /** In the container, when clients go there. */
  readonly containerPort: number;
  /** Where clients go; `auto`: to the container when it has an address of its own. */
  readonly scope: "agent" | "container" | "auto";
}
