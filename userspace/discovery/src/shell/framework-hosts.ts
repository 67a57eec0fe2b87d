import type { ClusterEvent } from "../core/index.ts";
import { addressOfHost } from "./known-masters.ts";
import { limits } from "./limits.ts";

type Framework = Extract<ClusterEvent, { readonly type: "frameworkPut" }>["framework"];

/** Looks up the host names of frameworks that a master does not know by an address, as Mesos-DNS does. */
export class FrameworkHosts {
  readonly #found: (event: ClusterEvent) => void;
  /** What the master said last of frameworks that are being looked up. */
  readonly #pending = new Map<string, Framework>();

  /** `found` is called with the framework as the master said it, and its address. */
  constructor(found: (event: ClusterEvent) => void) {
    this.#found = found;
  }

  take(event: ClusterEvent): void {
    if (event.type === "snapshot") for (const framework of event.frameworks) this.#put(framework);
    else if (event.type === "frameworkPut") this.#put(event.framework);
    else if (event.type === "frameworkRemoved") this.#pending.delete(event.frameworkId);
  }

  #put(framework: Framework): void {
    this.#pending.delete(framework.id);
    if (framework.host === undefined || this.#pending.size >= limits.lookupsMax) return;
    this.#pending.set(framework.id, framework);
    void this.#lookUp(framework, framework.host);
  }

  async #lookUp(framework: Framework, host: string): Promise<void> {
    const address = await addressOfHost(host);
    // The master has said something newer, or it is gone.
    if (this.#pending.get(framework.id) !== framework) return;
    this.#pending.delete(framework.id);
    if (address !== undefined)
      this.#found({ type: "frameworkPut", framework: { ...framework, address } });
  }
}
