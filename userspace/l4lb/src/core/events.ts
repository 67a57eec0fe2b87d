import type { TableChange } from "@tutti/discovery-v1";
import type { FamilyTransaction } from "./dataplane.ts";
import type { Flow } from "./departures.ts";

/** One walk from what the kernel holds to what is wanted, in the order of its fields. */
export interface Round {
  /** Addresses outside of the ranges that lead to this machine, all of them; absent when they are as before. */
  readonly routes?: readonly string[];
  readonly transactions: readonly FamilyTransaction[];
  /** Connections nobody will ever answer. */
  readonly cuts: readonly Flow[];
  /** Whether the tables are made anew. */
  readonly whole: boolean;
}

export type L4lbEvent =
  /** Changes come numbered from 1. */
  | { readonly type: "tableChanged"; readonly number: number; readonly change: TableChange }
  | { readonly type: "roundDone" }
  /** These flows of rounds that are done are cut, or cannot be. */
  | { readonly type: "cutsDone"; readonly flows: readonly Flow[] }
  | { readonly type: "roundFailed"; readonly reason: string }
  /** Somebody else touched the tables or the routes. */
  | { readonly type: "disturbed"; readonly reason: string }
  | { readonly type: "available" }
  | { readonly type: "unavailable"; readonly reason: string }
  | { readonly type: "wake" };

export type L4lbEffect =
  /** Answered by `roundDone` or `roundFailed`; there is one at a time. Its cuts are made after it. */
  | { readonly type: "carryOutRound"; readonly round: Round }
  /** Who waits for changes up to this number waits no longer. `isHeld`: the kernel holds them; else it may later. */
  | { readonly type: "release"; readonly number: number; readonly isHeld: boolean }
  | { readonly type: "report"; readonly line: string };
