import type { AppliedReport, DiscoveryRecord, FollowRequest } from "@tutti/discovery-v1";
import type { MasterEvent as OperatorEvent } from "@tutti/mesos-v1";
import type { CallService, StreamService } from "@tutti/testkit";
import type { PlainAnswer } from "../services.ts";

/** What comes down an operator's stream. */
export type OperatorDown =
  | { readonly type: "refused"; readonly answer: PlainAnswer }
  | { readonly type: "message"; readonly message: OperatorEvent };

/** `POST /api/v1` with SUBSCRIBE. */
export const operatorStream: StreamService<undefined, never, OperatorDown> = {
  name: "operator stream",
};

/** What comes down a machine's stream from discovery. */
export type TableDown =
  | { readonly type: "refused"; readonly answer: PlainAnswer }
  | { readonly type: "message"; readonly message: DiscoveryRecord };

/** `POST /discovery/v1/stream`. */
export const tableStream: StreamService<FollowRequest, never, TableDown> = { name: "table stream" };

/** `POST /discovery/v1/applied`. */
export const appliedReports: CallService<AppliedReport, PlainAnswer> = { name: "applied reports" };

/** `GET /discovery/v1/drained`. */
export const drainedQuestions: CallService<
  { readonly frameworkId: string; readonly taskId: string; readonly waitMs: number },
  { readonly drained: boolean }
> = { name: "drained questions" };
