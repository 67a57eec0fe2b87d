import type { Amounts, App, Lack, NoMatchReason, UnusedOffer } from "@tutti/marathon-v2";
import { limits } from "./limits.ts";

/** How the last offer of an agent fared for an app. */
export interface OfferVerdict {
  readonly host: string;
  /** Undefined: it was used. */
  readonly reason: NoMatchReason | undefined;
  /** What was missing for one more instance; undefined: nothing. */
  readonly lack: Lack | undefined;
  /** What was left for the app; undefined: not looked at. */
  readonly free: Amounts | undefined;
}

/**
 * What an app waits for: the number of instances still to be launched, its back-off, and why offers
 * were not used. Nothing of it is durable: it is derived again, and a restart forgives a back-off.
 */
export class LaunchState {
  /** Instances to launch now or when the back-off is over. */
  wanted = 0;
  /** The version they are to be launched with. */
  version = "";
  /** Since when something is wanted: wall clock. */
  sinceMs = 0;
  /** The present back-off; 0 when the last launch was no failure. */
  backoffMs = 0;
  /** Failures in a row that the back-off counts. */
  failures = 0;
  /** No launch before: monotonic. */
  notBeforeMonoMs = 0;
  /** The configuration whose failures the back-off counts. */
  backoffConfigVersion = "";
  processedOffers = 0;
  unusedOffers = 0;
  lastUnusedAtMs: number | undefined;
  lastUsedAtMs: number | undefined;
  /** Of this attempt: how many offers ended at each reason. */
  readonly declined = new Map<NoMatchReason, number>();
  /** The last verdict per agent. */
  readonly verdicts = new Map<string, OfferVerdict>();
  readonly lastUnusedOffers: UnusedOffer[] = [];

  /** Forgets what earlier offers said: something new is wanted. */
  beginAttempt(version: string, wallMs: number): void {
    this.version = version;
    this.sinceMs = wallMs;
    this.processedOffers = 0;
    this.unusedOffers = 0;
    this.lastUnusedAtMs = undefined;
    this.declined.clear();
    this.verdicts.clear();
    this.lastUnusedOffers.length = 0;
  }

  /** Notes an offer that could not be used. */
  noteUnused(agentId: string, verdict: OfferVerdict, offer: UnusedOffer): void {
    this.processedOffers += 1;
    this.unusedOffers += 1;
    if (verdict.reason !== undefined) {
      this.declined.set(verdict.reason, (this.declined.get(verdict.reason) ?? 0) + 1);
    }
    this.#setVerdict(agentId, verdict);
    this.lastUnusedOffers.push(offer);
    if (this.lastUnusedOffers.length > limits.unusedOffersMax) this.lastUnusedOffers.shift();
  }

  /** Notes an offer that was used, and what was then missing on it for one more. */
  noteUsed(agentId: string, verdict: OfferVerdict, wallMs: number): void {
    this.processedOffers += 1;
    this.lastUsedAtMs = wallMs;
    this.#setVerdict(agentId, verdict);
  }

  #setVerdict(agentId: string, verdict: OfferVerdict): void {
    this.verdicts.delete(agentId);
    this.verdicts.set(agentId, verdict);
    if (this.verdicts.size <= limits.agentsExplainedMax) return;
    for (const oldest of this.verdicts.keys()) {
      this.verdicts.delete(oldest);
      return;
    }
  }

  /** Lengthens the back-off after a failure, or begins it. `ranMs`: how long the task had run. */
  noteFailure(app: App, configVersion: string, ranMs: number, monoMs: number): void {
    const isFirst =
      this.backoffMs === 0 ||
      this.backoffConfigVersion !== configVersion ||
      ranMs >= limits.stableMs;
    this.failures = isFirst ? 1 : this.failures + 1;
    const grown = isFirst ? app.backoffSeconds * 1000 : this.backoffMs * app.backoffFactor;
    this.backoffMs = Math.min(grown, app.maxLaunchDelaySeconds * 1000);
    this.backoffConfigVersion = configVersion;
    this.notBeforeMonoMs = monoMs + this.backoffMs;
  }

  /** Ends the back-off at once. */
  resetBackoff(): void {
    this.backoffMs = 0;
    this.failures = 0;
    this.notBeforeMonoMs = 0;
  }

  /** Whether a launch must wait. */
  isDelayed(monoMs: number): boolean {
    return this.notBeforeMonoMs > monoMs;
  }
}
