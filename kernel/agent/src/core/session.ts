import type { AgentEnvelope, AgentMessage } from "@tutti/node-v1";

/** A session with the leading master: from its welcome to the end of the stream. */
export interface Joined {
  readonly phase: "joined";
  readonly dial: number;
  readonly url: string;
  readonly sessionId: string;
  readonly pingTimeoutMs: number;
  /** The `seq` of the last message handled. */
  received: number;
  /** The highest `seq` that a successful post acknowledged. */
  acknowledged: number;
  /** Messages that no successful post carried, in order. */
  readonly outbox: AgentEnvelope[];
  /** The `seq` of the newest message of the outbox ever made. */
  sent: number;
  /** The post under way: its number, its last message, and what it acknowledges. */
  post: { readonly post: number; readonly upTo: number; readonly acknowledges: number } | undefined;
  /** Pause before the next attempt of a post that failed; 0 after a success. */
  postDelayMs: number;
}

/** Where the agent is with its masters. */
export type Session =
  /** The containers are not known yet: nobody is called. */
  | { readonly phase: "recovering" }
  /** The next dial waits for its deadline. */
  | { readonly phase: "waiting" }
  | {
      readonly phase: "dialling";
      readonly dial: number;
      readonly url: string;
      /** Redirects followed since the master of the list. */
      readonly redirects: number;
      /** The `seq` of the last message handled. */
      received: number;
    }
  | Joined
  /** Refused for ever; with `farewell` the process ends as soon as no task is left. */
  | { readonly phase: "over"; readonly farewell?: Farewell };

/** Why the agent ends. */
export interface Farewell {
  readonly code: string;
  readonly reason: string;
}

/** Puts a message into the outbox of a session. */
export function enqueue(session: Joined, message: AgentMessage): void {
  session.sent += 1;
  session.outbox.push({ seq: session.sent, message });
}
