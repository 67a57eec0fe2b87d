import { appDefaults, type QueueItem } from "@tutti/marathon-v2";
import { MachineNames } from "./machine-names.ts";
import type { ServiceRequest } from "./service.ts";
import type { Session } from "./session.ts";

/** What was asked of Marathon for an app. */
interface Asked {
  readonly id: string;
  readonly request: ServiceRequest;
}

/** Tells once what would help an app for which no machine is large enough. Rule CLI10. */
export class WaitAdvice {
  readonly #session: Session;
  readonly #change: Asked;
  #told = "";

  constructor(session: Session, change: Asked) {
    this.#session = session;
    this.#change = change;
  }

  /** Looks at what the app waits for. */
  async look(): Promise<void> {
    const { marathon, output, target } = this.#session;
    if (output.isJson) return;
    const queue = await marathon.call<{ readonly queue: readonly Partial<QueueItem>[] }>({
      path: "/v2/queue",
    });
    const item = queue.ok
      ? queue.value.queue.find(({ app }) => app?.id === this.#change.id)
      : undefined;
    const { reasons = [], advice = [] } = item?.explanation ?? {};
    if (advice.length === 0 || !reasons.some((reason) => stuckReasons.test(reason))) return;
    const names = new MachineNames(target.cluster);
    const text = [...this.#defaults(reasons), ...advice.map((each) => names.inText(each))].join(
      "\n  ",
    );
    if (text === this.#told) return;
    this.#told = text;
    output.note(`  ${text}`);
  }

  /** A definition that is silent asks for more than many small machines have. */
  #defaults(reasons: readonly string[]): readonly string[] {
    const { method, json: asked } = this.#change.request;
    if (method !== "POST" || !reasons.includes("INSUFFICIENT_CPUS")) return [];
    if (typeof asked !== "object" || asked === null || "cpus" in asked) return [];
    const cpus = String(appDefaults.cpus);
    return [
      `Its definition does not say how many cpus: each instance asks for ${cpus}, Marathon's default. A small program needs less, such as "cpus": 0.1.`,
    ];
  }
}

/** Reasons that mostly do not pass by themselves. */
export const stuckReasons =
  /^(?:INSUFFICIENT_|TOO_LARGE$|UNFULFILLED_|MAINTENANCE$|NO_MACHINES$|PORTS_|QUOTA_)/;
