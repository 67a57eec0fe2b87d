import type { AgentId, FrameworkId, MasterId } from "@tutti/ids";

/** Where an agent comes back from. */
export type AgentAbsence = "connected" | "disconnected" | "recovered" | "unreachable";

/** Why a framework ends. */
export type FrameworkEnd = "teardown" | "operator" | "failoverTimeout" | "noFailoverTimeout";

/** How a framework comes to its stream. */
export type FrameworkReturn = "new" | "recovered" | "disconnected" | "failedOver";

interface OfAgent {
  readonly agentId: AgentId;
  readonly hostname: string;
}

interface OfFramework {
  readonly frameworkId: FrameworkId;
  readonly name: string;
}

interface OfTask {
  readonly frameworkId: FrameworkId;
  readonly taskId: string;
  readonly agentId: string;
}

/**
 * What is worth a line in the log, once per event, with its cause. The core says what, the shell says
 * it in words: so a run without a log makes no texts. Rule MST100.
 */
export type MasterLogEntry =
  /** This master leads, and knows this much. */
  | {
      readonly what: "leading";
      readonly masterId: MasterId;
      readonly epoch: number;
      readonly agentsExpected: number;
      readonly agentsUnreachable: number;
      readonly weights: number;
      readonly withinMs: number;
    }
  /** Every agent of the registry is back or was given up. */
  | {
      readonly what: "recoveryEnded";
      readonly agentsReturned: number;
      readonly agentsUnreachable: number;
      readonly frameworks: number;
      readonly tasks: number;
    }
  | ({ readonly what: "agentAdmitted"; readonly tasks: number } & OfAgent)
  | ({
      readonly what: "agentReturned";
      readonly from: AgentAbsence;
      readonly tasks: number;
    } & OfAgent)
  | {
      readonly what: "agentRefused";
      readonly agentId?: string;
      readonly hostname: string;
      readonly code: string;
      readonly reason: string;
    }
  | ({ readonly what: "agentDisconnected"; readonly tasks: number } & OfAgent)
  | ({
      readonly what: "agentUnreachable";
      readonly why: "pings" | "notReturned";
      readonly tasks: number;
    } & OfAgent)
  | ({
      readonly what: "frameworkSubscribed";
      readonly how: FrameworkReturn;
      readonly address: string;
      readonly roles: readonly string[];
      readonly failoverTimeoutMs: number;
    } & OfFramework)
  | { readonly what: "subscriptionRefused"; readonly name: string; readonly reason: string }
  | ({
      readonly what: "frameworkDisconnected";
      readonly failoverTimeoutMs: number;
      readonly tasks: number;
    } & OfFramework)
  | ({
      readonly what: "frameworkRemoved";
      readonly why: FrameworkEnd;
      readonly tasks: number;
    } & OfFramework)
  | ({ readonly what: "launchRefused"; readonly reason: string } & OfTask)
  /** An agent came back without a task it had. */
  | ({ readonly what: "taskLost" } & OfTask)
  /** An agent came back with a task whose id runs elsewhere by now. */
  | ({ readonly what: "taskDoubled"; readonly runsOn: AgentId } & OfTask)
  | ({
      readonly what: "agentDeactivated" | "agentReactivated";
      readonly principal: string;
    } & OfAgent)
  | ({
      readonly what: "agentDraining";
      readonly principal: string;
      readonly tasks: number;
      readonly markGone: boolean;
    } & OfAgent)
  | ({
      readonly what: "agentMarkedGone";
      readonly principal: string;
      readonly tasks: number;
    } & OfAgent)
  | ({ readonly what: "agentDrained" | "agentGone"; readonly drainedForMs: number } & OfAgent)
  | {
      readonly what: "weightsChanged";
      readonly principal: string;
      readonly roles: readonly string[];
    }
  | {
      readonly what: "quotaChanged";
      readonly principal: string;
      readonly roles: readonly string[];
    }
  | { readonly what: "laterLeaderSeen"; readonly epochSeen: number; readonly epoch: number }
  | { readonly what: "stalled"; readonly stalledMs: number };
