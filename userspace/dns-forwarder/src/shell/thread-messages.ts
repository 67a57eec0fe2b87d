import type { FreshAnswer } from "@tutti/dns";
import type { Endpoint } from "@tutti/dns-sockets";

/** What another thread is told when it begins. */
export interface ThreadBeginning {
  readonly endpoints: readonly Endpoint[];
  readonly stampMemories: readonly SharedArrayBuffer[];
  /** Of as many numbers as there are zones. */
  readonly countMemory: SharedArrayBuffer;
}

/** From another thread: it serves, or it has a query that it cannot answer. */
export type FromThread =
  | { readonly type: "serving" }
  | {
      readonly type: "ask";
      readonly number: number;
      readonly query: Uint8Array;
      readonly address: string;
    };

/** To another thread: what it asked for. */
export type ToThread =
  | { readonly type: "answer"; readonly number: number; readonly fresh: FreshAnswer }
  | { readonly type: "reply"; readonly number: number; readonly reply: Uint8Array }
  | { readonly type: "nothing"; readonly number: number };
