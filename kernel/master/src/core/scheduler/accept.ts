import { assertNever, ok, present, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseOfferId, parseTaskId } from "@tutti/ids";
import type { OfferOperation, SchedulerCallAccept, TaskInfo } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import { moveCharge } from "../charge.ts";
import type { Framework, OpenOffer } from "../entities.ts";
import { counterOf } from "../metrics.ts";
import { refuseMsOf } from "../offers/refuse-ms.ts";
import { takeOffer } from "../offers/remove-offer.ts";
import { sendStatus, stateFor, statusOfMaster } from "../send.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";
import { launchTasks, logRefusedLaunch } from "./launch.ts";
import type { Purse } from "./purse.ts";
import { refuseOperation, refuseTaskGroup } from "./refuse-operation.ts";

/**
 * ACCEPT: all offers of one call are of one agent and are used up together; the operations are done in
 * order, what remains is refused for the filter's time. Rules MST46 to MST49.
 */
export function acceptOffers(turn: Turn, framework: Framework, call: SchedulerCallAccept): void {
  const offers = openOffersOf(turn, framework, call);
  const operations = call.operations ?? [];
  if (!offers.ok) {
    for (const task of operations.flatMap(tasksOf)) {
      if (!isKnown(turn, framework, task)) dropTask(turn, framework, task, offers.error.message);
    }
    giveBack(turn, framework, call);
    return;
  }
  const first = present(offers.value[0], "an offer of a valid call");
  const { agentId, role } = first;
  let offered = Resources.empty;
  for (const offer of offers.value) {
    offered = offered.add(offer.resources);
    turn.state.takeOffer(offer);
    turn.state.metrics.countOf(framework.id, "offers/accepted");
  }
  const purse: Purse = { agentId, role, remaining: offered, used: Resources.empty };
  for (const operation of operations) perform(turn, framework, purse, operation);
  moveCharge(turn, first, { offered, used: purse.used });
  turn.allocator.recoverResources(framework.id, purse.agentId, purse.remaining, {
    refuseMs: refuseMsOf(call.filters),
    monoMs: turn.env.monoMs,
  });
  requestAllocation(turn);
}

/** The offers of a call, when all of them are open, the framework's, and of one connected agent. */
function openOffersOf(
  turn: Turn,
  framework: Framework,
  call: SchedulerCallAccept,
): Result<readonly OpenOffer[]> {
  const ids = (call.offer_ids ?? []).map((id) => id.value);
  if (ids.length === 0) return refuse("INVALID_OFFERS", "No offers specified");
  const offers: OpenOffer[] = [];
  for (const [index, id] of ids.entries()) {
    if (ids.indexOf(id) < index)
      return refuse("INVALID_OFFERS", `Duplicate offer ${id} in offer list`);
    const parsed = parseOfferId(id);
    const offer = parsed.ok ? turn.state.offers.get(parsed.value) : undefined;
    if (offer === undefined) return refuse("INVALID_OFFERS", `Offer ${id} is no longer valid`);
    if (offer.frameworkId !== framework.id) {
      const message = `Offer ${id} has invalid framework ${offer.frameworkId} while framework ${framework.id} is expected`;
      return refuse("INVALID_OFFERS", message);
    }
    const agentId = offers[0]?.agentId;
    if (agentId !== undefined && offer.agentId !== agentId) {
      const message = `Aggregated offers must belong to one single agent. Offer ${id} uses agent ${offer.agentId} and agent ${agentId}`;
      return refuse("INVALID_OFFERS", message);
    }
    offers.push(offer);
  }
  return ok(offers);
}

/** The offers among a refused call's that are open and its own are free again, without a filter. */
function giveBack(turn: Turn, framework: Framework, call: SchedulerCallAccept): void {
  for (const { value } of call.offer_ids ?? []) {
    const parsed = parseOfferId(value);
    const offer = parsed.ok ? turn.state.offers.get(parsed.value) : undefined;
    if (offer?.frameworkId !== framework.id) continue;
    takeOffer(turn, offer);
    turn.allocator.recoverResources(framework.id, offer.agentId, offer.resources, undefined);
    requestAllocation(turn);
  }
}

function tasksOf(operation: OfferOperation): readonly TaskInfo[] {
  return operation.launch?.task_infos ?? operation.launch_group?.task_group.tasks ?? [];
}

/** A call that was carried out and comes a second time must not bury the tasks it launched. */
function isKnown(turn: Turn, framework: Framework, { task_id: { value } }: TaskInfo): boolean {
  const taskId = parseTaskId(value);
  if (!taskId.ok) return false;
  const { active, unreachable } = turn.state.tasksOf(framework.id);
  return active.has(taskId.value) || unreachable.get(taskId.value) !== undefined;
}

function dropTask(turn: Turn, framework: Framework, task: TaskInfo, why: string): void {
  logRefusedLaunch(turn, framework, task, why);
  const state = stateFor(framework, "TASK_DROPPED");
  turn.state.metrics.count(state === "TASK_DROPPED" ? "tasks_dropped" : "tasks_lost");
  turn.state.metrics.countOf(framework.id, `tasks/terminal/${state.toLowerCase()}`);
  sendStatus(
    turn,
    framework,
    statusOfMaster(turn, {
      taskId: task.task_id.value,
      agentId: task.agent_id.value,
      state,
      reason: "REASON_INVALID_OFFERS",
      message: `Task launched with invalid offers: ${why}`,
    }),
  );
}

function perform(turn: Turn, framework: Framework, purse: Purse, operation: OfferOperation): void {
  const type = operation.type ?? "UNKNOWN";
  turn.state.metrics.countOf(framework.id, "operations");
  turn.state.metrics.countOf(framework.id, counterOf("operations", type));
  switch (type) {
    case "LAUNCH":
      return launchTasks(turn, framework, purse, operation.launch?.task_infos ?? []);
    case "LAUNCH_GROUP":
      return refuseTaskGroup(turn, framework, operation.launch_group?.task_group.tasks ?? []);
    case "UNKNOWN":
    case "RESERVE":
    case "UNRESERVE":
    case "CREATE":
    case "DESTROY":
    case "GROW_VOLUME":
    case "SHRINK_VOLUME":
    case "CREATE_DISK":
    case "DESTROY_DISK":
      return refuseOperation(turn, framework, operation, type);
    default:
      assertNever(type);
  }
}
