import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseAppId } from "@tutti/ids";
import type { Env } from "@tutti/machine";
import { appNotFound, invalidObject, mergeAppInput, validateApp } from "@tutti/marathon-v2";
import type { App, AppInput, MarathonRefusal, VersionedApp } from "@tutti/marathon-v2";
import type { WantedChange } from "../start-deployment.ts";
import type { World } from "../world.ts";

/** How an update is to be understood. */
export interface UpdateMode {
  /** Fields that are absent keep their values; else they get their defaults. */
  readonly partial: boolean;
  /** The app may be new. */
  readonly create: boolean;
}

/**
 * The change that an update of one app wants. `path` begins the paths of its problems. An update with a
 * `version` brings that old definition back and may say nothing else. Rules APP4, MAR5.
 */
export function changeOf(
  world: World,
  input: AppInput,
  mode: UpdateMode,
  path = "",
): Result<WantedChange, MarathonRefusal> {
  const id = parseAppId(input.id ?? "");
  if (!id.ok) {
    const error = invalidObject([{ path: `${path}/id`, errors: [id.error.message] }]);
    return { ok: false, error };
  }
  const app = world.apps.get(id.value);
  const before = app?.visible;
  if (before === undefined && !mode.create) return { ok: false, error: appNotFound(id.value) };
  if (input.version !== undefined && before !== undefined) {
    return rollbackOf(world, input, input.version, id.value, path);
  }
  const { version: _version, ...fields } = input;
  const whole =
    before !== undefined && mode.partial ? mergeAppInput(toInput(before), fields) : fields;
  const valid = validateApp({ ...whole, id: id.value }, world.options, path);
  return valid.ok ? ok({ app: id.value, definition: valid.value }) : valid;
}

function rollbackOf(
  world: World,
  input: AppInput,
  version: string,
  id: string,
  path: string,
): Result<WantedChange, MarathonRefusal> {
  const others = Object.keys(input).filter((name) => name !== "version" && name !== "id");
  if (others.length > 0) {
    const errors = ["The 'version' field may only be combined with the 'id' field."];
    return { ok: false, error: invalidObject([{ path: path === "" ? "/" : path, errors }]) };
  }
  const old = world.apps.get(id)?.versions.get(version);
  if (old === undefined) return { ok: false, error: appNotFound(id, version) };
  return ok({ app: id, definition: withoutVersion(old), isRollback: true });
}

/** A definition without what Marathon added. */
export function withoutVersion(app: VersionedApp): App {
  const { version: _version, versionInfo: _versionInfo, ...definition } = app;
  return definition;
}

function toInput(app: VersionedApp): AppInput {
  return withoutVersion(app);
}

/** The visible definition of an app, or the refusal that says it is not there. */
export function visibleApp(world: World, id: string): Result<VersionedApp, MarathonRefusal> {
  const visible = world.apps.get(id)?.visible;
  return visible === undefined ? { ok: false, error: appNotFound(id) } : ok(visible);
}

/** `api_post_event`: somebody changed an app through the API. */
export function publishApiPost(
  world: World,
  env: Env,
  request: { readonly clientIp: string; readonly uri: string },
  change: WantedChange,
): void {
  world.publish(env, "api_post_event", {
    clientIp: request.clientIp,
    uri: request.uri,
    appDefinition: change.definition ?? { id: change.app },
  });
}
