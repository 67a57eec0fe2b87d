import type { ClusterFile } from "./target.ts";

/** What people call the machines: the names of `cluster.json`, else what the machines call themselves. */
export class MachineNames {
  readonly #names: ReadonlyMap<string, string>;
  readonly #gone: ReadonlySet<string>;

  /** `gone`: the names of machines that were removed for ever. */
  constructor(cluster: ClusterFile | undefined, gone: ReadonlySet<string> = new Set()) {
    this.#gone = gone;
    this.#names = new Map(cluster?.agents.map(({ ip, name }) => [ip, name]) ?? []);
  }

  /** The name of the machine with this address or host name. */
  nameOf(host: string): string {
    return this.#names.get(host) ?? host;
  }

  /** A sentence of Marathon's, which knows machines by their addresses, with the names people know. */
  inText(text: string): string {
    if (this.#names.size === 0) return text;
    return text.replaceAll(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g, (ip) =>
      this.nameOf(ip),
    );
  }

  /** Every agent that the cluster should have. */
  all(): readonly { readonly ip: string; readonly name: string }[] {
    return [...this.#names]
      .map(([ip, name]) => ({ ip, name }))
      .filter(({ name }) => !this.#gone.has(name));
  }
}
