import { formatTimestamp } from "@tutti/base";
import {
  durationOf,
  type Explanation,
  type ExplanationReason,
  neverRan,
  quoted,
  ranOutOfMemory,
} from "@tutti/marathon-v2";

/** What the master knows of a task, of whatever framework. Times are wall-clock milliseconds. */
export interface TaskFacts {
  readonly id: string;
  readonly nowMs: number;
  /** `TASK_RUNNING`. */
  readonly state: string;
  readonly machine: string;
  /** The name of its framework. */
  readonly framework: string;
  /** The framework has no connection to the master. */
  readonly isFrameworkAway: boolean;
  /** Since when it is in its state; absent: not known. */
  readonly sinceMs?: number;
  /** What its health check says; absent: nothing. */
  readonly healthy?: boolean;
  /** What was said with the last status. */
  readonly message?: string;
  /** `REASON_CONTAINER_LIMITATION_MEMORY`. */
  readonly cause?: string;
  /** The app it is an instance of, where it is one. */
  readonly appId?: string;
}

/** How a task is, for people; the same shape as an app's explanation. Rule CLI42. */
export function explainTask(facts: TaskFacts): Explanation {
  const { framework, isFrameworkAway, appId } = facts;
  const { text, reason, isOver } = stateOf(facts);
  const away = `${framework} has no connection to the master; what it launched goes on, nobody acts on its end.`;
  return {
    summary: `The task of ${framework} ${text}.`,
    reasons: isFrameworkAway && !isOver ? [reason, "NO_CONNECTION"] : [reason],
    details: [...saidOf(facts, isOver), ...(isFrameworkAway && !isOver ? [away] : [])],
    advice: [
      ...adviceOf(facts, reason),
      ...(appId === undefined
        ? []
        : [`It is an instance of ${appId}: see ./tutti explain ${appId}.`]),
    ],
  };
}

/** Who never ran, or has not begun, printed nothing; what a machine that is away holds cannot be read. */
function adviceOf(facts: TaskFacts, reason: ExplanationReason): readonly string[] {
  const { id, state, message = "", cause } = facts;
  const end = { state, message, ...(cause === undefined ? {} : { cause }) };
  const log = `See what it printed: ./tutti task log ${id}`;
  switch (reason) {
    case "RUNNING":
    case "STARTING":
      return [];
    case "UNREACHABLE":
      return ["See ./tutti node list and ./tutti status."];
    default:
      if (neverRan(end)) return ["Change in its definition what the message names."];
      if (ranOutOfMemory(end)) return ["It wanted more memory than it may have: give it more mem."];
      if (notLeft.has(state)) return [];
      return [state === "TASK_FINISHED" ? log : `${log} --stderr`];
  }
}

/** Nobody knows a sandbox of these. */
const notLeft = new Set(["TASK_LOST", "TASK_GONE", "TASK_GONE_BY_OPERATOR"]);

interface TaskState {
  readonly text: string;
  readonly reason: ExplanationReason;
  readonly isOver: boolean;
}

function stateOf(facts: TaskFacts): TaskState {
  const { state, machine, healthy } = facts;
  const on = `on ${machine}`;
  switch (state) {
    case "TASK_STAGING":
    case "TASK_STARTING":
      return { text: `is starting ${on}${forText(facts)}`, reason: "STARTING", isOver: false };
    case "TASK_RUNNING": {
      const health =
        healthy === undefined ? "" : healthy ? " and is healthy" : " but is not healthy";
      const reason = healthy === false ? "UNHEALTHY" : "RUNNING";
      return { text: `runs ${on}${health}${sinceText(facts)}`, reason, isOver: false };
    }
    case "TASK_KILLING":
      return { text: `is being stopped ${on}${forText(facts)}`, reason: "STOPPING", isOver: false };
    case "TASK_UNREACHABLE":
    case "TASK_UNKNOWN":
      return {
        text: `is ${on}, which cannot be reached${forText(facts)}`,
        reason: "UNREACHABLE",
        isOver: false,
      };
    case "TASK_ERROR":
    case "TASK_DROPPED":
      return {
        text: `never ran: the cluster refused to start it ${on}${agoText(facts)}`,
        reason: "ENDED",
        isOver: true,
      };
    default: {
      const name = state
        .replace(/^TASK_/, "")
        .toLowerCase()
        .replaceAll("_", " ");
      return { text: `has ended ${on}${agoText(facts)}: ${name}`, reason: "ENDED", isOver: true };
    }
  }
}

function forText({ sinceMs, nowMs }: TaskFacts): string {
  return sinceMs === undefined ? "" : ` for ${durationOf(nowMs - sinceMs)}`;
}

function agoText({ sinceMs, nowMs }: TaskFacts): string {
  return sinceMs === undefined ? "" : ` ${durationOf(nowMs - sinceMs)} ago`;
}

function sinceText({ sinceMs, nowMs }: TaskFacts): string {
  if (sinceMs === undefined) return "";
  const at = formatTimestamp(sinceMs).slice(0, 19).replace("T", " ");
  return `, since ${at} UTC (${durationOf(nowMs - sinceMs)})`;
}

/** What was said with its state, where that tells something. */
function saidOf({ message, cause, healthy }: TaskFacts, isOver: boolean): readonly string[] {
  const said = quoted(message ?? "");
  const why = (cause ?? "")
    .replace(/^REASON_/, "")
    .toLowerCase()
    .replaceAll("_", " ");
  if (said === "") return isOver && why !== "" ? [`The reason given is: ${why}.`] : [];
  if (!isOver && healthy !== false) return [];
  return [`The last word about it: ${said}${why === "" ? "" : ` (${why})`}.`];
}
