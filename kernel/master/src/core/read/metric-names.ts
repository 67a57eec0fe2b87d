import { terminalTaskStates } from "@tutti/mesos-v1";

/** Counters below `master/` that are there from the start, as in Mesos. */
export const counterNames = [
  "invalid_executor_to_framework_messages",
  "invalid_framework_to_executor_messages",
  "invalid_operation_status_update_acknowledgements",
  "invalid_operation_status_updates",
  "invalid_status_update_acknowledgements",
  "invalid_status_updates",
  "messages_authenticate",
  "messages_deactivate_framework",
  "messages_decline_offers",
  "messages_executor_to_framework",
  "messages_exited_executor",
  "messages_framework_to_executor",
  "messages_kill_task",
  "messages_launch_tasks",
  "messages_operation_status_update",
  "messages_operation_status_update_acknowledgement",
  "messages_reconcile_operations",
  "messages_reconcile_tasks",
  "messages_register_framework",
  "messages_register_slave",
  "messages_reregister_framework",
  "messages_reregister_slave",
  "messages_resource_request",
  "messages_revive_offers",
  "messages_status_update",
  "messages_status_update_acknowledgement",
  "messages_suppress_offers",
  "messages_unregister_framework",
  "messages_unregister_slave",
  "messages_update_slave",
  "recovery_slave_removals",
  "slave_registrations",
  "slave_removals",
  "slave_removals/reason_registered",
  "slave_removals/reason_unhealthy",
  "slave_removals/reason_unregistered",
  "slave_reregistrations",
  "slave_shutdowns_canceled",
  "slave_shutdowns_completed",
  "slave_shutdowns_scheduled",
  "slave_unreachable_canceled",
  "slave_unreachable_completed",
  "slave_unreachable_scheduled",
  "tasks_dropped",
  "tasks_error",
  "tasks_failed",
  "tasks_finished",
  "tasks_gone",
  "tasks_gone_by_operator",
  "tasks_killed",
  "tasks_lost",
  "valid_executor_to_framework_messages",
  "valid_framework_to_executor_messages",
  "valid_operation_status_update_acknowledgements",
  "valid_operation_status_updates",
  "valid_status_update_acknowledgements",
  "valid_status_updates",
] as const;

const calls = [
  "accept",
  "accept_inverse_offers",
  "acknowledge",
  "acknowledge_operation_status",
  "decline",
  "decline_inverse_offers",
  "kill",
  "message",
  "reconcile",
  "reconcile_operations",
  "request",
  "revive",
  "shutdown",
  "subscribe",
  "suppress",
  "teardown",
  "update_framework",
];

const events = [
  "error",
  "failure",
  "heartbeat",
  "inverse_offers",
  "message",
  "offers",
  "rescind",
  "rescind_inverse_offer",
  "subscribed",
  "update",
  "update_operation_status",
];

/** Operations on resources, as paths name them. */
export const operationTypes = [
  "create",
  "create_disk",
  "destroy",
  "destroy_disk",
  "grow_volume",
  "reserve",
  "shrink_volume",
  "unreserve",
] as const;

/** States of operations, as paths name them. */
export const operationStates = [
  "dropped",
  "error",
  "failed",
  "finished",
  "gone_by_operator",
  "pending",
  "recovering",
  "unreachable",
] as const;

/** Counters of one framework. */
export const frameworkCounterNames: readonly string[] = [
  "calls",
  ...calls.map((name) => `calls/${name}`),
  "events",
  ...events.map((name) => `events/${name}`),
  "offers/accepted",
  "offers/declined",
  "offers/rescinded",
  "offers/sent",
  "operations",
  ...[...operationTypes, "launch", "launch_group"].map((name) => `operations/${name}`),
];

/** Ends of tasks, in lower case. */
export const terminalNames: readonly string[] = terminalTaskStates.map((state) =>
  state.toLowerCase(),
);
