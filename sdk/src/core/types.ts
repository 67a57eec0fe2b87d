import type { FrameworkInfo, SchedulerCall, SchedulerEvent } from "@tutti/mesos-v1";

/** Where a subscription stands. */
export type SubscriptionState = "stopped" | "disconnected" | "connecting" | "subscribed";

/** How an attempt to subscribe, or a stream, came to its end. */
export type StreamEnd =
  /** The connection could not be made, broke, or ended. */
  | { readonly type: "fault"; readonly reason: string }
  /** Another master leads: its URL, e.g. `http://10.0.0.2:5050`. */
  | { readonly type: "redirected"; readonly url: string }
  /** An answer other than 200 to SUBSCRIBE. */
  | { readonly type: "refused"; readonly status: number; readonly text: string };

/** What the client is told. `attempt` names the dial it belongs to; older attempts are ignored. */
export type SubscriptionEvent =
  | { readonly type: "start" }
  | { readonly type: "stop" }
  | { readonly type: "wake" }
  /** 200 with its `Mesos-Stream-Id`. */
  | { readonly type: "opened"; readonly attempt: number; readonly streamId: string }
  | { readonly type: "received"; readonly attempt: number; readonly event: SchedulerEvent }
  | { readonly type: "ended"; readonly attempt: number; readonly end: StreamEnd }
  /** The framework wants to make a call. */
  | { readonly type: "call"; readonly call: SchedulerCall }
  /** A call was answered otherwise than 200 or 202, or could not be sent. */
  | {
      readonly type: "callFailed";
      readonly attempt: number;
      readonly call: SchedulerCall;
      readonly failure: StreamEnd;
    };

/** What is made durable. */
export type SubscriptionEntry = {
  /** Undefined: the master has removed the framework, the id is dead. */
  readonly frameworkId: string | undefined;
};

/** What the framework is told, in order. */
export type SchedulerNotice =
  /** The stream is open and the framework id durable. `isNew`: the master had not known us. */
  | {
      readonly type: "subscribed";
      readonly frameworkId: string;
      readonly masterUrl: string;
      readonly isNew: boolean;
    }
  /** Every event but SUBSCRIBED and HEARTBEAT. */
  | { readonly type: "event"; readonly event: SchedulerEvent }
  /**
   * No stream, or none any more; also told after each failed attempt. Offers of the old stream are
   * void, its calls may be lost: reconcile after `subscribed`.
   */
  | { readonly type: "disconnected"; readonly reason: string }
  /** The master refused a call; the stream goes on. */
  | {
      readonly type: "callRefused";
      readonly call: SchedulerCall;
      readonly status: number;
      readonly text: string;
    }
  /** The master has removed the framework: all its tasks are dead, it subscribes as a new one. */
  | { readonly type: "removed"; readonly reason: string };

/** What is to be done, after the entries of the same step are durable. */
export type SubscriptionEffect =
  /** Post SUBSCRIBE to `url` and report `opened`, `received`, `ended` under this attempt. */
  | {
      readonly type: "dial";
      readonly attempt: number;
      readonly url: string;
      readonly call: SchedulerCall;
    }
  /** Drop the connection of this attempt, and calls not yet sent; nothing of it is reported. */
  | { readonly type: "hangUp"; readonly attempt: number }
  /** Post a call on the stream, in order. */
  | {
      readonly type: "post";
      readonly attempt: number;
      readonly url: string;
      readonly streamId: string;
      readonly call: SchedulerCall;
    }
  | { readonly type: "notify"; readonly notice: SchedulerNotice };

/** What a client is made with. */
export interface SubscriptionOptions {
  /** URLs of the masters, at least one; the leader is found by redirect. */
  readonly masters: readonly string[];
  /** Without `id`: that is the client's business. */
  readonly framework: FrameworkInfo;
  /** Asked at every SUBSCRIBE: roles that want no offers now. */
  readonly suppressedRoles?: () => readonly string[];
}

/** What was durable. */
export interface SubscriptionDurable {
  readonly frameworkId: string | undefined;
}
