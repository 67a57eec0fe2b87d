import type { ApiRequest } from "@tutti/marathon/core";
import type { Cluster, UserAnswer } from "@tutti/simulator";
import type { RecordModel } from "../record-model.ts";
import { demand } from "../violation.ts";
import type { Definition } from "./drawn-app.ts";

/** What may be the state of an app; undefined: there is none. */
type State = Definition | undefined;

/** What a command makes of a state, or that it refuses it. */
type Effect = (before: State) => { readonly after: State } | "refused";

/**
 * A user who looks after one app and sends one command at a time. It keeps every state that its app may
 * be in: one, or more while the answer to a command was lost. What was acknowledged must be durable and
 * stay so (SIM12).
 */
export class AppUser {
  readonly id: string;
  readonly #cluster: Cluster;
  readonly #durable: RecordModel;
  #possible: readonly State[] = [undefined];
  #isBusy = false;
  #isMixed = false;

  constructor(id: string, cluster: Cluster, durable: RecordModel) {
    this.id = id;
    this.#cluster = cluster;
    this.#durable = durable;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** A deployment was ended by force: instances of two versions may stay, until the next change. */
  get isMixed(): boolean {
    return this.#isMixed;
  }

  /** What the app may look like to its user. */
  get possible(): readonly State[] {
    return this.#possible;
  }

  /** Sends a command. */
  ask(request: ApiRequest, effect: Effect): void {
    this.#isBusy = true;
    this.#cluster.ask(request, (answer) => {
      this.#isBusy = false;
      this.#learn(effect, answer);
      const isChange = request.type !== "killAppTasks";
      if (isChange && answer.type === "answered" && answer.status < 300) this.#isMixed = false;
    });
  }

  /** Ends a deployment by force; it may have ended by itself meanwhile. */
  cancel(deploymentId: string): void {
    this.#isBusy = true;
    this.#cluster.ask({ type: "cancelDeployment", id: deploymentId, force: true }, (answer) => {
      this.#isBusy = false;
      this.#isMixed ||= answer.type === "failed" || answer.status === 202;
    });
  }

  /** Throws unless what is durable is one of the states the app may be in. */
  demandDurable(): void {
    const visible = this.#durable.visible(this.id);
    const state = visible === undefined ? undefined : definitionOf(visible);
    const text = textOf(state);
    demand(
      this.#possible.some((possible) => textOf(possible) === text),
      "SIM12",
      () =>
        `${this.id} is durable as ${text}, but what was acknowledged is ` +
        this.#possible.map(textOf).join(" or "),
    );
  }

  #learn(effect: Effect, answer: UserAnswer): void {
    const outcomes = this.#possible.map((before) => ({ before, outcome: effect(before) }));
    const applied = outcomes.flatMap(({ outcome }) =>
      outcome === "refused" ? [] : [outcome.after],
    );
    if (answer.type === "failed") {
      this.#possible = distinct([...this.#possible, ...applied]);
      return;
    }
    if (answer.status >= 200 && answer.status < 300) {
      demand(applied.length > 0, "SIM12", () => `${this.id}: ${answer.status} for the impossible`);
      this.#possible = distinct(applied);
      this.demandDurable();
      return;
    }
    if (answer.status === 404 || (answer.status === 409 && !isLocked(answer.body))) {
      const refused = outcomes.filter(({ outcome }) => outcome === "refused");
      demand(
        refused.length > 0,
        "SIM12",
        () =>
          `${this.id}: ${answer.status}, though it was acknowledged as ${this.#possible.map(textOf).join(" or ")}`,
      );
      this.#possible = distinct(refused.map(({ before }) => before));
      return;
    }
    const isRefusal = answer.status === 409 || answer.status === 503;
    demand(isRefusal, "SIM12", () => `${this.id}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/** The part of an app that users of a simulation change. */
export function definitionOf(app: {
  readonly instances: number;
  readonly cmd?: string;
}): Definition {
  return { instances: app.instances, cmd: app.cmd ?? "" };
}

function isLocked(body: unknown): boolean {
  return typeof body === "object" && body !== null && "deployments" in body;
}

function distinct(states: readonly State[]): readonly State[] {
  return [...new Map(states.map((state) => [textOf(state), state])).values()];
}

function textOf(state: State): string {
  return state === undefined ? "absent" : `${state.instances} × '${state.cmd}'`;
}
