import { setTimeout as rest } from "node:timers/promises";
import type { ChaosJournal } from "./journal.ts";

/** What is hurt at the moment and how it is mended, by name (`agent1`, `agent1/node`): nothing is hurt twice. */
export class OpenFaults {
  readonly #journal: ChaosJournal;
  readonly #open = new Map<string, () => Promise<void>>();
  #isMasterSpared = false;

  constructor(journal: ChaosJournal) {
    this.#journal = journal;
  }

  /** Whether `name` may be hurt now. */
  isFree(name: string): boolean {
    return !this.#open.has(name) && !(this.#isMasterSpared && isMaster(name));
  }

  /** Whether nothing of the master's machine is hurt. */
  get isMasterWhole(): boolean {
    return ![...this.#open.keys()].some(isMaster);
  }

  /**
   * While an agent is being lost its master stays: a new one would wait ten minutes for it instead (MST25). Until it is
   * back, too: of launches that never reached it a new one knows nothing, and Marathon asks about them once a minute (MAR50).
   */
  spareMaster(isSpared: boolean): void {
    this.#isMasterSpared = isSpared;
  }

  /** Remembers a fault, and mends it after its time or when `signal` says stop. */
  async mendLater(
    name: string,
    afterMs: number,
    signal: AbortSignal,
    undo: () => Promise<void>,
  ): Promise<void> {
    this.add(name, undo);
    await rest(afterMs, undefined, { signal }).catch(() => undefined);
    await this.mend(name);
  }

  add(name: string, undo: () => Promise<void>): void {
    this.#open.set(name, undo);
  }

  async mend(name: string): Promise<void> {
    const undo = this.#open.get(name);
    if (!this.#open.delete(name) || undefined === undo) return;
    await undo();
    this.#journal.note(`mended ${name}`);
  }

  async mendAll(): Promise<void> {
    for (const name of [...this.#open.keys()]) await this.mend(name);
  }
}

function isMaster(name: string): boolean {
  return /^master\d+(?:\/master)?$/u.test(name);
}
