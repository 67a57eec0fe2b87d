import type { AppInput } from "@tutti/marathon-v2";
import type { Cluster } from "@tutti/simulator";
import type { SeededRandom } from "@tutti/testkit";
import type { RecordModel } from "../record-model.ts";
import { AppUser, definitionOf } from "./app-user.ts";
import { drawApp, drawCommand } from "./drawn-app.ts";
import type { Definition } from "./drawn-app.ts";

/** The most instances a scale-up asks for; more may find no room. */
const instancesMax = 6;
const attemptsMax = 5;

/** The users of a simulation: they create, scale, upgrade, restart, kill and delete apps. */
export class Users {
  readonly apps: readonly AppUser[];
  readonly #durable: RecordModel;
  readonly #random: SeededRandom;
  readonly #inputs = new Map<string, AppInput>();
  readonly #decorate: (input: AppInput) => AppInput;
  #generation = 0;

  /** `decorate`: what apps have besides what is drawn. */
  constructor(
    cluster: Cluster,
    durable: RecordModel,
    random: SeededRandom,
    appCount: number,
    decorate: (input: AppInput) => AppInput = (input) => input,
  ) {
    this.#decorate = decorate;
    this.#durable = durable;
    this.#random = random;
    this.apps = Array.from({ length: appCount }, (_, at) => {
      const id = at % 3 === 0 ? `/shop/app${at + 1}` : `/app${at + 1}`;
      return new AppUser(id, cluster, durable);
    });
  }

  /** One command of one user whose last command was answered. */
  act(): void {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const user = this.#random.pick(this.apps);
      if (user.isBusy) continue;
      this.#act(user);
      return;
    }
  }

  #act(user: AppUser): void {
    const [state] = user.possible;
    if (state === undefined) {
      this.#create(user);
      return;
    }
    const force = this.#random.chance(0.3);
    const kind = this.#random.below(100);
    if (kind < 35) this.#scale(user, force);
    else if (kind < 65) this.#upgrade(user, force);
    else if (kind < 75) this.#restart(user, force);
    else if (kind < 85) this.#kill(user);
    else if (kind < 90) this.#cancel(user);
    else this.#delete(user, force);
  }

  #create(user: AppUser): void {
    this.#generation += 1;
    const input = this.#decorate(drawApp(this.#random, user.id, this.#generation));
    const definition = definitionOf({ instances: 1, cmd: "", ...input } as Definition);
    this.#inputs.set(user.id, input);
    user.ask({ type: "createApp", input, force: false }, (before) =>
      before === undefined ? { after: definition } : "refused",
    );
  }

  #scale(user: AppUser, force: boolean): void {
    const bound = Math.min(instancesMax, this.#roomOf(user.id));
    this.#update(user, { instances: this.#random.below(bound + 1) }, force);
  }

  #upgrade(user: AppUser, force: boolean): void {
    this.#generation += 1;
    const hasCheck = this.#inputs.get(user.id)?.healthChecks !== undefined;
    const cmd = drawCommand(this.#random, this.#generation, hasCheck);
    this.#update(user, { cmd }, force);
  }

  #update(user: AppUser, input: Partial<Definition>, force: boolean): void {
    const { id } = user;
    user.ask({ type: "updateApp", id, input, partial: true, create: false, force }, (before) =>
      before === undefined ? "refused" : { after: { ...before, ...input } },
    );
  }

  #restart(user: AppUser, force: boolean): void {
    user.ask({ type: "restartApp", id: user.id, force }, mustExist);
  }

  #kill(user: AppUser): void {
    const [task] = this.#durable.instancesOf(user.id);
    const which = task === undefined || this.#random.chance(0.5) ? {} : { host: task.host };
    const options = { scale: false, wipe: false, force: false };
    user.ask({ type: "killAppTasks", appId: user.id, ...which, ...options }, mustExist);
  }

  #cancel(user: AppUser): void {
    const deployment = [...this.#durable.deployments.values()].find(({ changes }) =>
      changes.some(({ app }) => app === user.id),
    );
    if (deployment === undefined) return;
    user.cancel(deployment.id);
  }

  #delete(user: AppUser, force: boolean): void {
    user.ask({ type: "deleteApp", id: user.id, force }, (before) =>
      before === undefined ? "refused" : { after: undefined },
    );
  }

  /** How many instances the app's constraints leave room for. */
  #roomOf(id: string): number {
    const input = this.#inputs.get(id);
    const isNarrow = input?.constraints !== undefined || input?.acceptedResourceRoles !== undefined;
    return isNarrow ? 3 : instancesMax;
  }
}

function mustExist(before: Definition | undefined): { readonly after: Definition } | "refused" {
  return before === undefined ? "refused" : { after: before };
}
