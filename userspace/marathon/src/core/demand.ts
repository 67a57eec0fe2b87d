import type { SchedulerCall } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";

const nothingToSay: { readonly calls: readonly SchedulerCall[] } = { calls: [] };

/**
 * Which roles need offers. Keeps the master informed with as few calls as possible: a role that needs
 * nothing is suppressed, one that needs something new is revived at once (bounded by a token bucket).
 */
export class Demand {
  readonly #roles: readonly string[];
  /** What the master believes; undefined: unknown, since no stream has told it yet. */
  readonly #suppressed = new Map<string, boolean>();
  /** Roles for which something new is wanted since their last REVIVE. */
  readonly #news = new Set<string>();
  #tokens: number = limits.revivesMax;
  #tokensAtMonoMs = 0;

  constructor(roles: readonly string[]) {
    this.#roles = roles;
  }

  /** Something new is wanted of these roles: earlier refusals are to be forgotten. */
  note(roles: readonly string[]): void {
    for (const role of roles) this.#news.add(role);
  }

  /** A new stream: what the master believes of us is unknown. */
  reset(): void {
    this.#suppressed.clear();
    for (const role of this.#roles) this.#news.add(role);
  }

  /**
   * The calls that are due for the roles now `needed`, and when to ask again if a REVIVE must wait for a
   * token.
   */
  calls(
    needed: ReadonlySet<string>,
    monoMs: number,
  ): { readonly calls: readonly SchedulerCall[]; readonly retryAtMonoMs?: number } {
    if (this.#isKnown(needed)) return nothingToSay;
    const idle = this.#roles.filter(
      (role) => !needed.has(role) && this.#suppressed.get(role) !== true,
    );
    const revive = this.#roles.filter(
      (role) => needed.has(role) && (this.#news.has(role) || this.#suppressed.get(role) !== false),
    );
    const calls: SchedulerCall[] = [];
    for (const role of idle) {
      this.#suppressed.set(role, true);
      this.#news.delete(role);
    }
    if (idle.length > 0) calls.push({ type: "SUPPRESS", suppress: { roles: idle } });
    if (revive.length === 0) return { calls };
    if (!this.#takeToken(monoMs)) {
      return { calls, retryAtMonoMs: monoMs + 1000 / limits.revivesPerSecond };
    }
    for (const role of revive) {
      this.#suppressed.set(role, false);
      this.#news.delete(role);
    }
    calls.push({ type: "REVIVE", revive: { roles: revive } });
    return { calls };
  }

  /** Whether the master believes what is so: asked after each step, and nearly always the case. */
  #isKnown(needed: ReadonlySet<string>): boolean {
    for (const role of this.#roles) {
      const isNeeded = needed.has(role);
      if (this.#suppressed.get(role) !== !isNeeded) return false;
      if (isNeeded && this.#news.has(role)) return false;
    }
    return true;
  }

  #takeToken(monoMs: number): boolean {
    const back = ((monoMs - this.#tokensAtMonoMs) / 1000) * limits.revivesPerSecond;
    this.#tokens = Math.min(limits.revivesMax, this.#tokens + Math.max(0, back));
    this.#tokensAtMonoMs = monoMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
