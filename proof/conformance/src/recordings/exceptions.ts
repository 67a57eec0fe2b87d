import { expect } from "vitest";

/** Recorded files that this release does not answer as Mesos did, by what they wait for. */
export const pending: Readonly<Record<string, readonly string[]>> = {
  "agents marked gone": [
    ...filesIn("operator_stream", ["through_gone"]),
    ...filesIn("scheduler", ["16_agent_gone"]),
  ],
  "custom executors, fetching": [
    ...filesIn("env", [
      "command_task_browse",
      "command_task_stderr",
      "command_task_stdout",
      "custom_executor_agent_state",
      "custom_executor_log",
      "custom_executor_master_GET_EXECUTORS",
      "custom_executor_master_state",
    ]),
    ...filesIn("scheduler", ["20_env_and_fetch"]),
  ],
  "nested and standalone containers": [
    ...filesIn("agent_nested", [
      "attach_input",
      "kill_container",
      "launch_container",
      "launch_nested",
      "launch_nested_again",
      "remove_container",
      "remove_nested",
      "session",
      "session2",
      "standalone_launch",
      "standalone_list",
      "standalone_wait",
      "wait_container",
      "wait_nested",
    ]),
    ...filesIn("files", ["attach_output_command_task"]),
  ],
  maintenance: [
    ...filesIn("operator_stream", ["through_operator_writes"]),
    ...filesIn("operator_writes", [
      "50_START_unscheduled",
      "51_UPDATE_MAINTENANCE_SCHEDULE",
      "52_GET_MAINTENANCE_SCHEDULE",
      "53_GET_MAINTENANCE_STATUS",
      "54_GET_schedule",
      "55_GET_status",
      "56_START_MAINTENANCE",
      "57_GET_MAINTENANCE_STATUS",
      "58_START_again",
      "59_UPDATE_remove_down_machine",
      "60_STOP_MAINTENANCE",
      "61_STOP_again",
      "62_SCHEDULE_dup_machine",
      "63_SCHEDULE_empty_machine",
      "64_POST_schedule",
      "65_POST_machine_down",
      "66_POST_machine_up",
      "70_SCHEDULE_own_machine",
      "71_GET_MAINTENANCE_STATUS_declined",
      "72_GET_MAINTENANCE_STATUS_accepted",
      "73_SCHEDULE_cleared",
    ]),
    ...filesIn("scheduler", ["15_inverse_offers"]),
  ],
  "reservations and volumes": [
    ...filesIn("operator_stream", ["through_ops"]),
    ...filesIn("operator_writes", [
      "30_RESERVE",
      "31_RESERVE_too_much",
      "32_RESERVE_unknown_agent",
      "33_RESERVE_unreserved",
      "35_CREATE_VOLUMES",
      "36_CREATE_VOLUMES_dup",
      "37_GET_slaves",
      "38_GROW_VOLUME",
      "39_SHRINK_VOLUME",
      "40_DESTROY_VOLUMES",
      "41_DESTROY_VOLUMES_again",
      "42_UNRESERVE",
      "43_UNRESERVE_again",
      "44_http_reserve",
      "45_http_unreserve",
    ]),
    ...filesIn("scheduler", ["10_operations"]),
    ...filesIn("state_with_volume", ["GET_AGENTS", "GET_roles", "GET_slaves", "agent_state"]),
  ],
  "task groups": [
    ...filesIn("env", [
      "pod_browse",
      "pod_executor_stderr",
      "pod_task_browse",
      "pod_task_stdout",
      "pod_tasks_browse",
    ]),
    ...filesIn("agent_with_pod", [
      "GET_EXECUTORS",
      "GET_STATE",
      "GET_TASKS",
      "GET_slave1_state",
      "GET_state",
    ]),
    ...filesIn("master_with_pod", [
      "GET_frameworks",
      "GET_metrics_snapshot",
      "GET_roles",
      "GET_state",
    ]),
    ...filesIn("operator_stream", ["through_pod"]),
    ...filesIn("operator_with_pod", ["GET_EXECUTORS", "GET_FRAMEWORKS", "GET_STATE", "GET_TASKS"]),
    ...filesIn("scheduler", ["11_pod_launch_group", "12_pod_task_fails"]),
  ],
};

const adds = "a framework that subscribes with an id never seen is added once, as what it is";
const charset = "a parameter charset of Content-Type is accepted";
const recovering = "recorded while the original recovered: 503, as long as nobody leads";

/** Recorded files that are answered otherwise on purpose, and why. */
export const otherwise: Readonly<Record<string, string>> = {
  "errors/agent_content_type_charset.json": charset,
  "errors/agent_help.json": "pages of help are the original's own",
  "errors/master_content_type_charset.json": charset,
  "errors/master_help.json": "pages of help are the original's own",
  "errors/master_profiler.json": "a tool of libprocess",
  "errors/master_root.json": "the original's own web page",

  "operator_stream/through_agent_failover.json": recovering,
  "operator_stream/through_env.json": recovering,
  "operator_stream/through_sched_errors.json": adds,
  "operator_stream/through_streams.json": recovering,
  "raw_wire.json#bad_gzip_request_body":
    "a body that is no gzip is the client's fault: 400, not 500",
  "raw_wire.json#garbage": "what is no HTTP is told so (400) before the connection ends",
  "raw_wire.json#head_version": "an answer to HEAD has no body (RFC 9110, section 9.3.2)",
  "raw_wire.json#no_host": "a request without Host is 400 (RFC 9112, section 3.2)",
  "raw_wire.json#uppercase_content_type_value":
    "media types have no case (RFC 9110, section 8.3.1)",
};

/** What a recorded exchange is: answered as recorded, otherwise on purpose, or waiting for something. */
export function standingOf(file: string): "equal" | "otherwise" | "pending" {
  if (otherwise[file] !== undefined) return "otherwise";
  return Object.values(pending).some((files) => files.includes(file)) ? "pending" : "equal";
}

/** Fails when a file differs and is no exception, and when it is one and no longer differs. */
export function expectAsRecorded(file: string, differences: readonly string[]): void {
  if (standingOf(file) === "equal") {
    expect({ file, differences }).toEqual({ file, differences: [] });
  } else {
    expect(differences, `${file} is now as recorded: take it off the list`).not.toEqual([]);
  }
}

function filesIn(folder: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${folder}/${name}.json`);
}
