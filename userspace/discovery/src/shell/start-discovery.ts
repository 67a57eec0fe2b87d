import { createCancellation, utf8Decode, utf8Encode } from "@tutti/base";
import { openSqliteCoordination } from "@tutti/coordination";
import type { Coordination, Leadership } from "@tutti/coordination";
import type { Route } from "@tutti/http";
import { DiscoveryLeader } from "./leader.ts";
import type { DiscoveryOptions, RunningDiscovery } from "./options.ts";
import { discoveryRoutes } from "./routes.ts";

const electionName = "discovery";

/** Opens discovery; it leads as soon as nobody else does. Throws a `Fault` when the database cannot be opened. */
export function startDiscovery(options: DiscoveryOptions): RunningDiscovery {
  return new Process(options);
}

class Process implements RunningDiscovery {
  readonly #options: DiscoveryOptions;
  readonly #coordination: Coordination;
  readonly #candidacy = createCancellation();
  #leadership: Leadership | undefined;
  #leader: DiscoveryLeader | undefined;
  #isClosed = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#coordination = openSqliteCoordination({ file: `${options.stateDir}/discovery.db` });
    this.#stand().catch((error: unknown) => this.#fatal(error));
  }

  get isLeading(): boolean {
    return this.#leader !== undefined;
  }

  get routes(): readonly Route[] {
    return discoveryRoutes({
      leader: () => this.#leader,
      leaderUrl: () => this.#leaderUrl(),
    });
  }

  metrics(): string {
    const leads = `discovery_leading ${this.isLeading ? 1 : 0}\n`;
    return leads + (this.#leader?.metrics() ?? "");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#candidacy.cancel();
    this.#leader?.stop();
    await this.#leadership?.resign();
    await this.#coordination.close();
  }

  async #stand(): Promise<void> {
    const { address, port } = this.#options;
    const announcement = utf8Encode(JSON.stringify({ url: `http://${address}:${port}` }));
    const leadership = await this.#coordination.elect(
      electionName,
      announcement,
      this.#candidacy.cancellation,
    );
    this.#leadership = leadership;
    leadership.lost.addEventListener("abort", () => {
      this.#fatal(new Error("another discovery took the lead"));
    });
    this.#leader = await DiscoveryLeader.start({
      ...this.#options,
      coordination: this.#coordination,
      election: electionName,
      epoch: leadership.epoch,
      onFatal: (error) => this.#fatal(error),
    });
  }

  async #leaderUrl(): Promise<string | undefined> {
    const info = await this.#coordination.leader(electionName);
    if (info === undefined) return undefined;
    const said = JSON.parse(utf8Decode(info.announcement)) as { readonly url?: string };
    return said.url;
  }

  #fatal(error: unknown): void {
    if (this.#isClosed) return;
    this.#options.onFatal(error instanceof Error ? error : new Error(String(error)));
  }
}
