import type { AppInput } from "@tutti/marathon-v2";
import type { SeededRandom } from "@tutti/testkit";
import type { Watched } from "../checkers/checker.ts";
import { NamesFaults } from "./names-faults.ts";
import { whyNamesNot } from "./names-settled.ts";
import { withVip } from "./vip-of.ts";
import { watchEnded } from "./watch-ended.ts";
import { watchHeld } from "./watch-held.ts";
import { watchNames } from "./watch-names.ts";

const faultCount = 10;
/** The part of apps that have a VIP, where they have ports. */
const vipShare = 0.7;

/** The part of a seed that is about names and virtual IPs: apps with VIPs, faults of their own, checkers SIM60 to SIM66. */
export class NamesRun {
  readonly faults: NamesFaults;
  readonly #watched: Watched;
  readonly #random: SeededRandom;

  constructor(watched: Watched, random: SeededRandom) {
    this.#watched = watched;
    this.#random = random;
    this.faults = new NamesFaults(watched.cluster, random.fork("faults"));
    watchNames(watched);
    watchHeld(watched.cluster);
    watchEnded(watched);
  }

  /** Gives an app a VIP, or not. */
  readonly decorate = (input: AppInput): AppInput =>
    this.#random.chance(vipShare) ? withVip(input) : input;

  /** Plans its faults. */
  live(activeMs: number): void {
    const { world } = this.#watched.cluster;
    for (let count = 0; count < faultCount; count += 1)
      world.after(this.#random.between(5_000, activeMs), () => this.faults.strike(activeMs));
  }

  /** Why names are not as they are to be; undefined when they are. */
  whyNot(): string | undefined {
    const why = whyNamesNot(this.#watched);
    return why === undefined ? undefined : `SIM64, ${why}`;
  }
}
