import type { ApiRequest } from "@tutti/marathon/core";
import type { PublishedEvent } from "@tutti/marathon-v2";
import type { Observation, UserAnswer } from "./observation.ts";
import type { Trace } from "./trace.ts";

/** Turns observations into lines for people: who did what, when. Tasks get short names, as `web#2`. */
export class Narrator {
  readonly #trace: Trace;
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  tell(observation: Observation, atMs: number): void {
    const text = this.#describe(observation);
    if (text !== undefined) this.#trace.tell(`${formatClock(atMs)}  ${text}`);
  }

  /** The short name of a task. */
  nameOf(taskId: string): string {
    const known = this.#names.get(taskId);
    if (known !== undefined) return known;
    const app = taskId.split(".", 1)[0] ?? taskId;
    const count = (this.#counts.get(app) ?? 0) + 1;
    this.#counts.set(app, count);
    const name = `${app}#${count}`;
    this.#names.set(taskId, name);
    return name;
  }

  #describe(observation: Observation): string | undefined {
    switch (observation.type) {
      case "processStarted":
        return `${observation.node} starts`;
      case "processCrashed":
        return `${observation.node} dies: ${observation.cause}`;
      case "processPaused":
        return `${observation.node} is stopped`;
      case "processResumed":
        return `${observation.node} goes on`;
      case "machineBooted":
        return `${observation.node}: the machine boots`;
      case "linksChanged":
        return `network: ${observation.what}`;
      case "nodeTroubled":
        return `${observation.node}: ${observation.what}`;
      case "launchFailed":
        return `${observation.node}: ${this.nameOf(observation.taskId)} cannot be started, says the runtime`;
      case "masterElected":
        return `${observation.node} leads in epoch ${observation.epoch}`;
      case "masterAbdicated":
        return `${observation.node} leads no more (epoch ${observation.epoch})`;
      case "agentTold":
        return observation.envelope.message.type === "welcome"
          ? `${observation.node} is welcomed in epoch ${observation.envelope.epoch}`
          : undefined;
      case "containerStarted":
        return `${observation.node}: ${this.nameOf(observation.taskId)} starts`;
      case "containerSignalled":
        return `${observation.node}: ${this.nameOf(observation.taskId)} gets signal ${observation.signal}`;
      case "containerEnded":
        return `${observation.node}: ${this.nameOf(observation.taskId)} ends by ${describeEnd(observation)}`;
      case "marathonConnected":
        return `marathon subscribes at ${observation.master}${observation.isNew ? " as a new framework" : ""}`;
      case "marathonDisconnected":
        return `marathon has no master: ${observation.reason}`;
      case "marathonRefused":
        return `the master refuses marathon: ${describeNotice(observation.notice)}`;
      case "eventPublished":
        return this.#describeEvent(observation.event);
      case "userAsked":
        return `user #${observation.number}: ${describeRequest(observation.request)}`;
      case "userAnswered":
        return `user #${observation.number}: ${describeAnswer(observation.answer)}`;
      case "operatorAsked":
        return `operator asks ${observation.node}: ${JSON.stringify(observation.call)}`;
      case "operatorAnswered":
        return `operator, by ${observation.node}: ${describeAnswer(observation.answer)}`;
      case "storeWritten":
      case "masterStepped":
      case "marathonStepped":
      case "marathonRecovers":
      case "commandArrived":
      case "updateArrived":
      case "updateAcknowledged":
      case "containerDestroyed":
      case "checkAnswered":
      case "tablePublished":
      case "tableTaken":
      case "tableHeld":
      case "vipsNamed":
        return undefined;
      case "lossHeld":
        return describeHeld(observation);
      case "vipsReported":
        return `${observation.node}: ${observation.line}`;
    }
  }

  #describeEvent(event: PublishedEvent): string | undefined {
    switch (event.eventType) {
      case "status_update_event":
        return `marathon: ${this.nameOf(event.taskId)} is ${event.taskStatus} on ${event.host}`;
      case "instance_health_changed_event":
        return `marathon: ${this.nameOf(`${event.instanceId}._app.1`)} is ${event.healthy === true ? "healthy" : "sick"}`;
      case "unhealthy_instance_kill_event":
        return `marathon kills ${this.nameOf(event.taskId)} as unhealthy`;
      case "deployment_success":
        return `marathon: a deployment of ${describePlan(event.plan)} succeeds`;
      case "deployment_failed":
        return `marathon: a deployment of ${describePlan(event.plan)} ends unfinished`;
      case "app_terminated_event":
        return `marathon: ${event.appId} is gone`;
      default:
        return undefined;
    }
  }
}

/** `12:34.567` of simulated time. */
export function formatClock(atMs: number): string {
  const ms = Math.floor(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const millis = String(ms % 1000).padStart(3, "0");
  return `${two(Math.floor(ms / 60_000))}:${two(Math.floor(ms / 1000) % 60)}.${millis}`;
}

function describeHeld({ node, held }: Extract<Observation, { readonly type: "lossHeld" }>): string {
  return held === undefined
    ? `${node} holds nothing back any more`
    : `${node} holds back the loss of ${held.backends} of ${held.ofBackends} backends: ${held.reason}`;
}

function describeEnd({
  exit,
  by,
}: Extract<Observation, { readonly type: "containerEnded" }>): string {
  if (exit.oomKilled) return "lack of memory";
  const how =
    exit.exitCode === undefined ? `signal ${exit.signal ?? "?"}` : `exit ${exit.exitCode}`;
  return by === "itself" ? how : `${how} (${by})`;
}

function describeNotice(
  notice: Extract<Observation, { readonly type: "marathonRefused" }>["notice"],
): string {
  if (notice.type === "removed") return `removed, ${notice.reason}`;
  return `${notice.call.type ?? "a call"}, ${notice.status} ${notice.text}`;
}

function describeRequest(request: ApiRequest): string {
  const force = "force" in request && request.force ? " by force" : "";
  switch (request.type) {
    case "createApp":
      return `create ${JSON.stringify(request.input)}`;
    case "updateApp":
      return `update ${request.id} ${JSON.stringify(request.input)}${force}`;
    case "updateApps":
      return `update ${JSON.stringify(request.inputs)}${force}`;
    case "deleteApp":
      return `delete ${request.id}${force}`;
    case "restartApp":
      return `restart ${request.id}${force}`;
    case "killAppTasks":
      return `kill tasks of ${request.appId}${request.scale ? " and scale down" : ""}`;
    case "killTasks":
      return `kill ${request.taskIds.length} tasks`;
    case "cancelDeployment":
      return `cancel deployment${force}`;
    case "resetDelay":
      return `reset the delay of ${request.appId}`;
  }
}

function describeAnswer(answer: UserAnswer): string {
  if (answer.type === "failed") return `no answer (${answer.code})`;
  const body = answer.body as { readonly message?: unknown } | null | undefined;
  const message = typeof body?.message === "string" ? ` ${body.message}` : "";
  return `answered ${answer.status}${message}`;
}

function describePlan(plan: {
  readonly steps: readonly {
    readonly actions: readonly { readonly action: string; readonly app: string }[];
  }[];
}): string {
  const apps = plan.steps.flatMap(({ actions }) => actions.map(({ app }) => app));
  return [...new Set(apps)].join(", ");
}
