import { ok } from "@tutti/base";
import type { DeploymentInfo } from "@tutti/marathon-v2";
import type { EventVerdicts } from "./event-verdicts.ts";
import { limits } from "./limits.ts";
import { MachineNames } from "./machine-names.ts";
import { pause } from "./pause.ts";
import { type Outcome, refused } from "./refusal.ts";
import type { Session } from "./session.ts";

/** Tells whether what a deployment was to bring about is there; used when its end was not heard. */
export type Check = () => Promise<Outcome<boolean>>;

/** Looks at the app while its deployment is waited for; refuses when it cannot come to a good end by itself. */
export type Look = () => Promise<Outcome>;

/**
 * Waits until a deployment has ended, telling its progress. Refuses when it failed, when the patience is at
 * its end (the deployment goes on), or when Marathon is away too long.
 */
export async function awaitDeployment(
  session: Session,
  verdicts: EventVerdicts,
  deployment: {
    readonly id: string;
    readonly timeoutSeconds: number;
    readonly check: Check;
    readonly look?: Look;
  },
): Promise<Outcome> {
  const { id, look } = deployment;
  const startedMs = performance.now();
  const progress = new Progress(session, id);
  let seenMs = startedMs;
  let lookedMs = startedMs;
  for (;;) {
    const listed = await session.marathon.call<readonly DeploymentInfo[]>({
      path: "/v2/deployments",
    });
    const nowMs = performance.now();
    if (listed.ok) {
      seenMs = nowMs;
      const present = listed.value.find((each) => each.id === id);
      if (present === undefined) return conclude(verdicts, deployment);
      progress.tell(present, nowMs);
      if (look !== undefined && nowMs - lookedMs > limits.instancesIntervalMs) {
        lookedMs = nowMs;
        const chance = await look();
        if (!chance.ok) return chance;
      }
    } else if (listed.error.code === "INTERRUPTED") {
      return interrupted(id);
    } else if (listed.error.code !== "UNREACHABLE" || nowMs - seenMs > limits.awayMsMax) {
      return listed;
    } else {
      progress.tellAway();
    }
    if (nowMs - startedMs > deployment.timeoutSeconds * 1000) {
      return refused(
        "DEPLOYMENT_TIMEOUT",
        `Deployment ${id} has not ended within ${String(deployment.timeoutSeconds)} s; it goes on.`,
        {
          hint: `It waits: ${progress.why}. Watch it with ./tutti deployment watch ${id}, or end it with ./tutti deployment cancel ${id}.`,
        },
      );
    }
    if (!(await pause(limits.pollIntervalMs, session.signal))) {
      return interrupted(id);
    }
  }
}

function interrupted(id: string): ReturnType<typeof refused> {
  return refused("INTERRUPTED", `Interrupted; deployment ${id} goes on.`, {
    hint: `Watch it with ./tutti deployment watch ${id}, or end it with ./tutti deployment cancel ${id}.`,
  });
}

async function conclude(
  verdicts: EventVerdicts,
  deployment: { readonly id: string; readonly check: Check },
): Promise<Outcome> {
  const verdict = await verdicts.verdictOf(deployment.id);
  if (verdict?.type === "success") return ok(undefined);
  if (verdict === undefined) {
    const isThere = await deployment.check();
    if (!isThere.ok) return isThere;
    if (isThere.value) return ok(undefined);
  }
  const reason = verdict?.reason === undefined ? "" : `: ${verdict.reason}`;
  return refused(
    "DEPLOYMENT_FAILED",
    `Deployment ${deployment.id} failed or was cancelled${reason}.`,
    {
      hint: "See what the app waits for with ./tutti app show, what it printed with ./tutti task log.",
    },
  );
}

/** Tells what a deployment does: on a terminal one changing line, else a line for each change. */
class Progress {
  readonly #session: Session;
  readonly #names: MachineNames;
  readonly #id: string;
  readonly #startedMs = performance.now();
  #told = "";
  #toldMs = 0;
  why = "nothing was heard of it yet";

  constructor(session: Session, id: string) {
    this.#session = session;
    this.#names = new MachineNames(session.target.cluster);
    this.#id = id;
  }

  tell(deployment: DeploymentInfo, nowMs: number): void {
    this.why = this.#names.inText(describeWhy(deployment));
    const text = `deployment ${this.#id.slice(0, 8)}: step ${String(deployment.currentStep)} of ${String(deployment.totalSteps)}, ${this.why}`;
    this.#show(text, nowMs);
  }

  tellAway(): void {
    this.why = "Marathon cannot be reached";
    this.#show(
      `deployment ${this.#id.slice(0, 8)}: Marathon cannot be reached, trying again`,
      performance.now(),
    );
  }

  #show(text: string, nowMs: number): void {
    const { output } = this.#session;
    const seconds = Math.round((nowMs - this.#startedMs) / 1000);
    if (output.isProgressLive) {
      output.progress(`${text} (${String(seconds)} s)`);
      return;
    }
    // Numbers count up and down in a sentence that stays the same.
    const words = text.replaceAll(/\d+/gu, "0");
    if (words === this.#told && nowMs - this.#toldMs < limits.progressIntervalMs) return;
    this.#told = words;
    this.#toldMs = nowMs;
    output.progress(`${text} (${String(seconds)} s)`);
  }
}

/** What a deployment does and waits for, in a sentence without its full stop. */
export function describeWhy(deployment: DeploymentInfo): string {
  const { why } = deployment as { readonly why?: string };
  const reason = (why ?? "").replace(/\.$/, "");
  const [only, ...others] = deployment.currentActions;
  if (only !== undefined && others.length === 0 && reason.startsWith(`${only.app}: `)) {
    return `${only.action} ${reason}`;
  }
  const actions = deployment.currentActions.map((each) => `${each.action} ${each.app}`).join(", ");
  if (actions === "") return reason === "" ? "between two steps" : reason;
  return reason === "" ? actions : `${actions}: ${reason}`;
}
