/** What is to be known of a connection to choose one that has to go. */
export interface HeldConnection {
  readonly address: string;
  /** Questions that wait for their replies. */
  readonly unansweredCount: number;
  destroy(): void;
}

/**
 * The connections of one server, the longest idle first. When one more comes than may be, it is taken, and another goes.
 *
 * Invariant: there are never more than `countMax`.
 */
export class TcpConnections<Connection extends HeldConnection> {
  readonly #countMax: number;
  /** In the order of their last activity. */
  readonly #held = new Set<Connection>();
  readonly #countByAddress = new Map<string, number>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Takes one in; another is destroyed when there are too many. */
  add(connection: Connection): void {
    if (this.#held.size >= this.#countMax) {
      const gone = this.#expendable();
      if (gone !== undefined) {
        this.delete(gone);
        gone.destroy();
      }
    }
    this.#held.add(connection);
    this.#countByAddress.set(connection.address, this.#countOf(connection.address) + 1);
  }

  /** It has sent a whole message, or was sent one: it is the least idle now. */
  used(connection: Connection): void {
    if (this.#held.delete(connection)) this.#held.add(connection);
  }

  delete(connection: Connection): void {
    if (!this.#held.delete(connection)) return;
    const left = this.#countOf(connection.address) - 1;
    if (left > 0) this.#countByAddress.set(connection.address, left);
    else this.#countByAddress.delete(connection.address);
  }

  destroyAll(): void {
    for (const connection of this.#held) connection.destroy();
  }

  /**
   * Of the address that has most connections, so that nobody loses theirs by another's greed: the longest idle one that
   * waits for no reply, else the longest idle.
   */
  #expendable(): Connection | undefined {
    const most = Math.max(...this.#countByAddress.values());
    let longestIdle: Connection | undefined;
    for (const connection of this.#held) {
      if (this.#countOf(connection.address) !== most) continue;
      if (connection.unansweredCount === 0) return connection;
      longestIdle ??= connection;
    }
    return longestIdle;
  }

  #countOf(address: string): number {
    return this.#countByAddress.get(address) ?? 0;
  }
}
