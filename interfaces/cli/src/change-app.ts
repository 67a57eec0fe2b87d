import { ok } from "@tutti/base";
import type { AppId } from "@tutti/ids";
import type { AppInfo, DeploymentInfo, DeploymentResult } from "@tutti/marathon-v2";
import { FailureCount, fallenApart, startedBy } from "./app-failures.ts";
import { appPath } from "./app-path.ts";
import { awaitDeployment, describeWhy } from "./await-deployment.ts";
import { EventVerdicts } from "./event-verdicts.ts";
import { limits } from "./limits.ts";
import { MachineNames } from "./machine-names.ts";
import { ToldWarnings, ownWarnings, readWarnings } from "./names/warnings.ts";
import { pause } from "./pause.ts";
import { type CliRefusal, done, type Outcome, refused } from "./refusal.ts";
import type { ServiceRequest } from "./service.ts";
import type { Session } from "./session.ts";
import { unknownApp } from "./unknown-app.ts";
import { WaitAdvice } from "./wait-advice.ts";
import { wrongDefinition } from "./wrong-definition.ts";

/** Options of every command that starts a deployment. */
export interface WaitOptions {
  /** False with `--no-wait`. */
  readonly wait?: boolean;
  readonly force?: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

/** What is to be changed, and how to speak of it. */
export interface AppChange {
  readonly id: AppId;
  readonly request: ServiceRequest;
  /** The app is to be gone afterwards. */
  readonly removes?: boolean;
}

/** `?force=true` where it was asked for. */
export function forceQuery(options: WaitOptions): string {
  return options.force === true ? "?force=true" : "";
}

/** Asks Marathon for a change and, unless told otherwise, waits until its deployment has ended. */
export async function changeApp(
  session: Session,
  change: AppChange,
  options: WaitOptions,
): Promise<Outcome> {
  const verdicts = new EventVerdicts(session);
  const warnings = new ToldWarnings(session.output);
  try {
    if (options.wait !== false) await verdicts.start();
    const answer = await session.marathon.call<Answer>(change.request);
    if (!answer.ok) return await notChanged(session, change, answer.error);
    const result = resultOf(answer.value);
    if (options.wait === false || result.deploymentId === "") {
      report(session, change, result);
      await warnAtOnce(session, change, warnings);
      return done;
    }
    await warnAtOnce(session, change, warnings);
    const waited = await awaitDeployment(session, verdicts, {
      id: result.deploymentId,
      timeoutSeconds: options.timeout ?? limits.deploymentTimeoutSeconds,
      check: () => isAsAsked(session, change, result.version),
      look: lookAt(session, change),
    });
    return waited.ok ? await reportEnd(session, change, result, warnings) : waited;
  } finally {
    verdicts.close();
  }
}

/** In words of use: Marathon's speak of its own interface. */
async function notChanged(
  session: Session,
  { id, request }: AppChange,
  refusal: CliRefusal,
): Promise<Outcome> {
  switch (refusal.code) {
    case "APP_LOCKED":
      return locked(session, id, refusal);
    case "NOT_FOUND":
      return unknownApp(session, id);
    case "INVALID":
      return {
        ok: false,
        error: wrongDefinition(id, refusal, { isUpdate: request.method === "PATCH" }),
      };
    case "CONFLICT":
      return {
        ok: false,
        error: {
          ...refusal,
          hint: `See it with ./tutti app show ${id}; change it with ./tutti app update ${id} FILE.`,
        },
      };
    case "INTERRUPTED":
      return refused("INTERRUPTED", "Interrupted; whether the change was accepted is not known.", {
        hint: `See ./tutti app show ${id} and ./tutti deployment list.`,
      });
    default:
      return { ok: false, error: refusal };
  }
}

async function locked(session: Session, id: AppId, refusal: CliRefusal): Promise<Outcome> {
  const listed = await session.marathon.call<readonly DeploymentInfo[]>({
    path: "/v2/deployments",
  });
  const holder = listed.ok
    ? listed.value.find((each) => refusal.deployments?.includes(each.id))
    : undefined;
  const names = new MachineNames(session.target.cluster);
  const doing = holder === undefined ? "" : ` It is at work: ${names.inText(describeWhy(holder))}.`;
  return {
    ok: false,
    error: { ...refusal, message: `${id} is held by a deployment that has not ended.${doing}` },
  };
}

/** POST answers with the app and its deployments, everything else with version and deploymentId. */
type Answer = DeploymentResult | Pick<AppInfo, "version" | "deployments">;

function resultOf(answer: Answer): DeploymentResult {
  if ("deploymentId" in answer) return answer;
  return { version: answer.version, deploymentId: answer.deployments?.[0]?.id ?? "" };
}

/**
 * Whether the app is as the deployment was to leave it: in its version, or, when there was nothing to change,
 * with all that was asked for; and with all its instances.
 */
async function isAsAsked(
  session: Session,
  change: AppChange,
  version: string,
): Promise<Outcome<boolean>> {
  const shown = await readApp(session, change.id);
  if (change.removes === true) {
    if (shown.ok) return ok(false);
    return shown.error.code === "NOT_FOUND" ? ok(true) : shown;
  }
  if (!shown.ok) return shown.error.code === "NOT_FOUND" ? ok(false) : shown;
  const { tasksRunning = 0, instances } = shown.value;
  const { json: asked } = change.request;
  const isThere =
    shown.value.version === version || (asked !== undefined && holds(shown.value, asked));
  return ok(isThere && tasksRunning >= instances);
}

/** Whether everything in `part` stands in `whole`, which may have more fields. */
function holds(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole) || whole.length !== part.length) return false;
    return part.every((each, at) => holds(whole[at], each));
  }
  if (typeof part !== "object" || part === null) return whole === part;
  if (typeof whole !== "object" || whole === null) return false;
  const fields = new Map(Object.entries(whole));
  return Object.entries(part).every(([name, value]) => holds(fields.get(name), value));
}

async function readApp(session: Session, id: AppId): Promise<Outcome<AppInfo>> {
  const answer = await session.marathon.call<{ readonly app: AppInfo }>({
    path: `${appPath(id)}?embed=app.counts&embed=app.lastTaskFailure&embed=app.tasks&embed=app.warnings`,
  });
  return answer.ok ? ok(answer.value.app) : answer;
}

/** Before anything is waited for: a definition that is not as it is meant may never come to run. */
async function warnAtOnce(
  session: Session,
  change: AppChange,
  warnings: ToldWarnings,
): Promise<void> {
  if (change.removes === true || session.output.isJson) return;
  const shown = await session.marathon.call<{ readonly app: AppInfo }>({
    path: `${appPath(change.id)}?embed=app.warnings`,
  });
  if (shown.ok) warnings.tell(ownWarnings(shown.value.app));
}

function report(session: Session, change: AppChange, result: DeploymentResult): void {
  const { output } = session;
  output.json({ id: change.id, ...result, outcome: "started" });
  output.line(
    result.deploymentId === ""
      ? `${change.id} is as it was: there is nothing to do.`
      : `Deployment ${result.deploymentId} of ${change.id} has started.`,
  );
}

async function reportEnd(
  session: Session,
  change: AppChange,
  result: DeploymentResult,
  warnings: ToldWarnings,
): Promise<Outcome> {
  const { output } = session;
  const shown =
    change.removes === true ? undefined : await readSettled(session, change.id, result.version);
  if (shown?.ok === true && !shown.value.fallen.ok) return shown.value.fallen;
  output.json({ id: change.id, ...result, outcome: "success" });
  if (output.isJson) return done;
  if (shown?.ok === true) {
    const { app } = shown.value;
    const { tasksRunning = 0, instances } = app;
    output.line(`${change.id}: ${String(tasksRunning)} of ${String(instances)} instances run.`);
    warnings.tell(await readWarnings(session, app));
  } else {
    output.line(change.removes === true ? `${change.id} is removed.` : `${change.id} is done.`);
  }
  return done;
}

/** Looks now and then whether patience will help, and tells what would help else. The deployment goes on. */
function lookAt(session: Session, change: AppChange): () => Promise<Outcome> {
  const failures = new FailureCount();
  const advice = new WaitAdvice(session, change);
  return async () => {
    if (change.removes === true) return done;
    const shown = await readApp(session, change.id);
    if (!shown.ok) return done;
    await advice.look();
    return failures.look(shown.value);
  };
}

/** What runs when a deployment is done may end at once: without a health check only a second look tells. */
async function readSettled(
  session: Session,
  id: AppId,
  version: string,
): Promise<Outcome<{ readonly app: AppInfo; readonly fallen: Outcome }>> {
  const first = await readApp(session, id);
  if (!first.ok) return first;
  const before = (first.value.healthChecks ?? []).length > 0 ? [] : startedBy(first.value, version);
  if (before.length > 0) await pause(limits.settleMs, session.signal);
  const second = before.length > 0 ? await readApp(session, id) : first;
  if (!second.ok) return second;
  const app = second.value;
  // Somebody has changed it meanwhile: what ended was ended.
  const isSame = app.version === first.value.version;
  const fallen = await fallenApart(session, app, { version, before: isSame ? before : [] });
  return ok({ app, fallen });
}
