import type { TableChange } from "./stream.ts";

/** What became of a change: the kernel holds it, or it does not yet; then `later` resolves once it does. */
export type Held =
  | { readonly held: true }
  | { readonly held: false; readonly later: Promise<void> };

/**
 * A room that lives on the table: `l4lb`, `dns-forwarder`, `mesos-dns`. The `node` process of a machine opens it
 * without a table and tells it changes, one at a time; the first change puts everything that is known.
 *
 * Whole tables never reach a room: the follower compares a snapshot with what it holds and tells the difference.
 * What `remove` names and the room never had is no error; a `put` replaces the fact with the same key.
 *
 * Order (dataplane, route, name on the way up; the reverse on the way down): for each change, rooms of names are
 * given what is removed; then the dataplane is given all of it and awaited; then rooms of names are given what is
 * put. Facts that are no VIP are given to rooms of names at once.
 */
export interface TableRoom {
  /**
   * Takes a change. Rooms of names answer from it as soon as the call returns. The dataplane's promise resolves
   * once the kernel holds it; it is not called again before that, and it never rejects: what the kernel refuses
   * it tries again by itself and tells in its metrics, and the promise waits for that no longer than its bound: then
   * it says that the change is not held.
   */
  apply(change: TableChange): void | Promise<Held>;
  /** Its part of the machine's metrics: Prometheus text, every line ended, every name begun with its room's. */
  metrics(): string;
  /** Stops it. What the kernel holds stays: connections of tasks outlive this process. */
  close(): Promise<void>;
}
