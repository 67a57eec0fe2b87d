import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseAppId, parseGroupId, rootGroup } from "@tutti/ids";
import type { App, AppInput } from "./app.ts";
import { canonicalApp } from "./canonical-app.ts";
import { parseConstraint } from "./constraint.ts";
import { limits } from "./limits.ts";
import { invalidObject } from "./refusals.ts";
import type { MarathonRefusal } from "./refusals.ts";
import { Problems } from "./shape.ts";
import { checkUnsupported } from "./unsupported.ts";

/** What validation must know of the cluster. */
export interface ValidationContext {
  /** The roles Marathon is subscribed with. */
  readonly roles: readonly string[];
}

/**
 * The canonical app of a whole input (defaults and legacy forms resolved), or everything that is wrong
 * with it. `path` begins every path of a detail: empty, or `(2)` for the third of several apps.
 */
export function validateApp(
  input: AppInput,
  context: ValidationContext,
  path = "",
): Result<App, MarathonRefusal> {
  const problems = new Problems();
  checkUnsupported(input, path, problems);
  checkPortForms(input, path, problems);
  const id = resolveId(input.id, path, problems);
  const dependencies = resolveDependencies(input.dependencies ?? [], id, path, problems);
  const app = canonicalApp(input, id, dependencies);
  checkCommand(app, path, problems);
  checkPorts(app, path, problems);
  checkHealthChecks(app, path, problems);
  checkConstraints(app, path, problems);
  checkRoles(app, context, path, problems);
  checkEnvironment(app, path, problems);
  if (JSON.stringify(app).length > limits.appCharactersMax) {
    problems.add(path, `the definition is larger than ${limits.appCharactersMax} characters`);
  }
  return problems.isEmpty ? ok(app) : { ok: false, error: invalidObject(problems.details()) };
}

function resolveId(text: string | undefined, path: string, problems: Problems): string {
  if (text === undefined) {
    problems.add(`${path}/id`, "is required");
    return "/";
  }
  const id = parseAppId(text);
  if (id.ok) return id.value;
  problems.add(`${path}/id`, id.error.message);
  return "/";
}

function resolveDependencies(
  texts: readonly string[],
  id: string,
  path: string,
  problems: Problems,
): readonly string[] {
  const parent = parseGroupId(id.slice(0, Math.max(id.lastIndexOf("/"), 1)));
  const resolved: string[] = [];
  for (const [index, text] of texts.entries()) {
    const dependency = parseGroupId(text, parent.ok ? parent.value : rootGroup);
    if (!dependency.ok) problems.add(`${path}/dependencies(${index})`, dependency.error.message);
    else if (dependency.value === id) {
      problems.add(`${path}/dependencies(${index})`, "an app must not depend on itself");
    } else if (!resolved.includes(dependency.value)) resolved.push(dependency.value);
  }
  return resolved;
}

function checkPortForms(input: AppInput, path: string, problems: Problems): void {
  if ((input.ports ?? []).length === 0 || (input.portDefinitions ?? []).length === 0) return;
  const definitions = (input.portDefinitions ?? []).map((definition) => definition.port ?? 0);
  if (definitions.join(",") !== (input.ports ?? []).join(",")) {
    problems.add(path, "cannot specify both ports and port definitions");
  }
}

function checkCommand(app: App, path: string, problems: Problems): void {
  const hasArgs = app.args !== undefined && app.args.length > 0;
  if ((app.cmd !== undefined) === hasArgs) {
    problems.add(
      path,
      "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
    );
  }
}

function checkPorts(app: App, path: string, problems: Problems): void {
  const fixed = app.portDefinitions.map((definition) => definition.port).filter((port) => port > 0);
  if (new Set(fixed).size !== fixed.length) {
    problems.add(`${path}/portDefinitions`, "Ports must be unique.");
  }
  const names = app.portDefinitions.flatMap((definition) => definition.name ?? []);
  if (new Set(names).size !== names.length) {
    problems.add(`${path}/portDefinitions`, "Port names must be unique.");
  }
  if (app.portDefinitions.length > limits.portsMax) {
    problems.add(`${path}/portDefinitions`, `must have at most ${limits.portsMax} elements`);
  }
}

function checkHealthChecks(app: App, path: string, problems: Problems): void {
  for (const [index, check] of app.healthChecks.entries()) {
    const at = `${path}/healthChecks(${index})`;
    if (check.protocol === "COMMAND") {
      if (check.command === undefined) {
        problems.add(`${at}/command`, "is required for a health check of protocol COMMAND");
      }
      continue;
    }
    if (check.command !== undefined) {
      problems.add(`${at}/command`, `is only allowed with protocol COMMAND, not ${check.protocol}`);
    }
    if (check.portIndex !== undefined && check.port !== undefined) {
      problems.add(at, "must not specify both port and portIndex");
    } else if (check.portIndex !== undefined && check.portIndex >= app.portDefinitions.length) {
      problems.add(
        at,
        "Health check port indices must address an element of the ports array or container port mappings.",
      );
    }
    if (check.ipProtocol === "IPv6") {
      problems.add(
        at,
        "IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks",
      );
    }
  }
}

function checkConstraints(app: App, path: string, problems: Problems): void {
  for (const [index, constraint] of app.constraints.entries()) {
    const parsed = parseConstraint(constraint);
    if (!parsed.ok) problems.add(`${path}/constraints(${index})`, parsed.error.message);
  }
}

function checkRoles(app: App, context: ValidationContext, path: string, problems: Problems): void {
  if (app.role !== undefined && !context.roles.includes(app.role)) {
    problems.add(
      `${path}/role`,
      `must be one of the roles Marathon is subscribed with: ${context.roles.join(", ")}`,
    );
  }
  const accepted = app.acceptedResourceRoles;
  if (accepted === undefined) return;
  if (accepted.length === 0) problems.add(`${path}/acceptedResourceRoles`, "must not be empty");
  const possible = app.role === undefined ? context.roles : ["*", app.role];
  for (const [index, role] of accepted.entries()) {
    if (!possible.includes(role)) {
      problems.add(
        `${path}/acceptedResourceRoles(${index})`,
        `'${role}' can never be offered to this app: use one of ${possible.join(", ")}`,
      );
    }
  }
}

function checkEnvironment(app: App, path: string, problems: Problems): void {
  for (const [name, value] of Object.entries(app.env)) {
    if (name === "" || name.includes("=") || name.includes("\0")) {
      problems.add(
        `${path}/env`,
        `'${name}' cannot name an environment variable: it must not be empty and not contain '='`,
      );
    }
    if (value.includes("\0")) problems.add(`${path}/env/${name}`, "must not contain a null byte");
  }
  const texts = [app.cmd ?? "", ...(app.args ?? [])];
  if (texts.some((part) => part.includes("\0"))) {
    problems.add(`${path}/cmd`, "must not contain a null byte");
  }
}
