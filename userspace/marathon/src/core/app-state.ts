import { present } from "@tutti/base";
import { offerRolesOf, parseConstraint } from "@tutti/marathon-v2";
import type { VersionedApp } from "@tutti/marathon-v2";
import type { Instance } from "./instance.ts";
import { LaunchState } from "./launch-queue.ts";
import type { Candidate } from "./offers/match-offer.ts";
import type { AppRecord } from "./records.ts";
import { Tally, tallyOf } from "./tally.ts";

/**
 * One app in memory. Its values are replaced whole; only the world changes it, inside a step.
 *
 * Invariant: `tally` counts `instances` against the configuration of `applied`.
 */
export class AppState {
  record: AppRecord;
  /** From the oldest to the newest. */
  readonly versions = new Map<string, VersionedApp>();
  readonly instances = new Map<string, Instance>();
  tally = new Tally();
  readonly launch = new LaunchState();
  #candidate: Candidate | undefined;

  constructor(record: AppRecord) {
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  /** The definition users see, or undefined when the app was deleted. */
  get visible(): VersionedApp | undefined {
    const { version } = this.record;
    return version === undefined
      ? undefined
      : present(this.versions.get(version), `version ${version} of ${this.id}`);
  }

  /** The definition that instances are launched with. */
  get applied(): VersionedApp {
    const { version } = this.record.applied;
    return present(this.versions.get(version), `version ${version} of ${this.id}`);
  }

  /** The configuration that instances should have. */
  get configVersion(): string {
    return this.applied.versionInfo.lastConfigChangeAt;
  }

  /** Adds, replaces or removes an instance. */
  setInstance(id: string, instance: Instance | undefined): void {
    const before = this.instances.get(id);
    if (before !== undefined) this.tally.count(before, this.configVersion, -1);
    if (instance === undefined) this.instances.delete(id);
    else {
      this.instances.set(id, instance);
      this.tally.count(instance, this.configVersion, 1);
    }
  }

  /** Counts again: the configuration changed. */
  recount(): void {
    this.tally = tallyOf(this.instances.values(), this.configVersion);
  }

  /** The applied definition, ready for matching. */
  candidate(): Candidate {
    const app = this.applied;
    if (this.#candidate?.app !== app) {
      this.#candidate = {
        app,
        constraints: app.constraints.flatMap((constraint) => {
          const parsed = parseConstraint(constraint);
          return parsed.ok ? [{ written: constraint, constraint: parsed.value }] : [];
        }),
        resourceRoles: app.acceptedResourceRoles ?? ["*"],
      };
    }
    return this.#candidate;
  }

  /** The roles whose offers it can use. */
  offerRoles(): readonly string[] {
    return offerRolesOf(this.applied);
  }
}
