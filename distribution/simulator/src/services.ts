import type { ApiRequest } from "@tutti/marathon/core";
import type { MasterCall, SchedulerCall, SchedulerEvent } from "@tutti/mesos-v1";
import type { AgentHello, AgentPost, MasterEnvelope } from "@tutti/node-v1";
import type { CallService, StreamService } from "@tutti/testkit";

/** An HTTP answer without a stream. */
export interface PlainAnswer {
  readonly status: number;
  readonly text: string;
  /** With 307: the URL of the leader. */
  readonly location?: string;
}

/** What comes down a scheduler's stream. */
export type SchedulerDown =
  | { readonly type: "refused"; readonly answer: PlainAnswer }
  | { readonly type: "opened"; readonly streamId: string }
  | { readonly type: "event"; readonly event: SchedulerEvent };

/** What comes down an agent's stream. */
export type AgentDown =
  | { readonly type: "refused"; readonly answer: PlainAnswer }
  | { readonly type: "envelope"; readonly envelope: MasterEnvelope };

/** `POST /api/v1/scheduler` with SUBSCRIBE. */
export const schedulerStream: StreamService<SchedulerCall, never, SchedulerDown> = {
  name: "scheduler stream",
};

/** `POST /api/v1/scheduler` with any other call. */
export const schedulerCalls: CallService<
  { readonly streamId: string; readonly call: SchedulerCall },
  PlainAnswer
> = { name: "scheduler calls" };

/** `POST /api/v1` with a call that has no stream. */
export const operatorCalls: CallService<MasterCall, PlainAnswer> = { name: "operator calls" };

/** `POST /node/v1/stream`. */
export const agentStream: StreamService<AgentHello, never, AgentDown> = { name: "agent stream" };

/** `POST /node/v1/messages`. */
export const agentPosts: CallService<
  { readonly sessionId: string; readonly post: AgentPost },
  PlainAnswer
> = { name: "agent posts" };

/** Commands at Marathon's HTTP API; the answer is that of HTTP. */
export const marathonApi: CallService<
  ApiRequest,
  { readonly status: number; readonly body: unknown }
> = { name: "marathon api" };
