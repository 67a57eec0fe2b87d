import type { SchedulerCallReconcileOperations } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { sendToFramework } from "../send.ts";
import type { Turn } from "../turn.ts";

/** RECONCILE_OPERATIONS: no operation outlives its call in this release, so each is unknown. Rule MST66. */
export function reconcileOperations(
  turn: Turn,
  framework: Framework,
  call: SchedulerCallReconcileOperations,
): void {
  turn.state.metrics.count("messages_reconcile_operations");
  for (const operation of call.operations ?? []) {
    sendToFramework(turn, framework, {
      type: "UPDATE_OPERATION_STATUS",
      update_operation_status: {
        status: {
          operation_id: operation.operation_id,
          state: "OPERATION_UNKNOWN",
          message: "Reconciliation: Operation is unknown",
          ...(operation.agent_id === undefined ? {} : { agent_id: operation.agent_id }),
          ...(operation.resource_provider_id === undefined
            ? {}
            : { resource_provider_id: operation.resource_provider_id }),
        },
      },
    });
  }
}
