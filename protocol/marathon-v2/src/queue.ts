import type { VersionedApp } from "./app.ts";
import type { Explanation } from "./explain/explanation.ts";
import type { MachineVerdict } from "./explain/facts.ts";

/** Why an offer was not used for an app; the order is the order of the funnel. */
export const noMatchReasons = [
  "UnfulfilledRole",
  "UnfulfilledConstraint",
  "NoCorrespondingReservationFound",
  "AgentMaintenance",
  "InsufficientCpus",
  "InsufficientMemory",
  "InsufficientDisk",
  "InsufficientGpus",
  "InsufficientPorts",
  "DeclinedScarceResources",
] as const;

/** One reason of the funnel. */
export type NoMatchReason = (typeof noMatchReasons)[number];

/** One stage of the funnel: how many offers came to it, how many ended there. */
export interface DeclinedOfferStep {
  readonly reason: NoMatchReason;
  readonly declined: number;
  readonly processed: number;
}

/** A resource or attribute as `/v2/queue` shows it. */
export interface OfferValue {
  readonly name: string;
  readonly role?: string;
  readonly scalar?: number;
  readonly ranges?: readonly { readonly begin: number; readonly end: number }[];
  readonly set?: readonly string[];
  readonly text?: string;
}

/** An offer that could not be used, and why. */
export interface UnusedOffer {
  readonly offer: {
    readonly id: string;
    readonly hostname: string;
    readonly agentId: string;
    readonly resources: readonly OfferValue[];
    readonly attributes: readonly OfferValue[];
  };
  readonly reason: readonly NoMatchReason[];
  readonly timestamp: string;
}

/** An app that waits for offers or for its back-off. */
export interface QueueItem {
  readonly app: VersionedApp;
  readonly count: number;
  readonly role: string;
  readonly delay: { readonly timeLeftSeconds: number; readonly overdue: boolean };
  readonly since: string;
  readonly processedOffersSummary: {
    readonly processedOffersCount: number;
    readonly unusedOffersCount: number;
    readonly lastUnusedOfferAt?: string;
    readonly lastUsedOfferAt?: string;
    readonly rejectSummaryLastOffers: readonly DeclinedOfferStep[];
    readonly rejectSummaryLaunchAttempt: readonly DeclinedOfferStep[];
  };
  readonly lastUnusedOffers?: readonly UnusedOffer[];
  /** Ours: how the last offer of each machine fared. */
  readonly verdicts?: readonly MachineVerdict[];
  /** Ours: how often in a row its instances ended too soon. */
  readonly failures: number;
  /** Ours: why it waits, and what would help. */
  readonly explanation: Explanation;
  /** Ours: the explanation in running text, without its advice. */
  readonly why: string;
}
