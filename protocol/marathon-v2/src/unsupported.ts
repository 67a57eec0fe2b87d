import type { AppInput } from "./app.ts";
import type { Problems } from "./shape.ts";

/** What Marathon knows and this release cannot do yet, and what to do instead. */
const wholeFields = {
  container:
    "containers with images, volumes or networks are not supported by this release: " +
    "remove the field to run the command on the machine's own file system",
  executorResources: "is not supported by this release: remove the field",
  check: "generic checks are not supported by this release: use 'healthChecks'",
  ipAddress: "container networks are not supported by this release: remove the field",
  residency: "persistent volumes are not supported by this release: remove the field",
  resourceLimits: "is not supported by this release: remove the field",
} as const satisfies Partial<Record<keyof AppInput, string>>;

const listFields = {
  fetch: "fetching artifacts is not supported by this release: let the command download them",
  uris: "fetching artifacts is not supported by this release: let the command download them",
  readinessChecks: "is not supported by this release: use 'healthChecks'",
} as const satisfies Partial<Record<keyof AppInput, string>>;

/**
 * Notes every field whose machinery this release lacks. An honest refusal instead of silence: an app
 * must never run without what its definition asks for (rule APP7).
 */
export function checkUnsupported(input: AppInput, path: string, problems: Problems): void {
  for (const [field, message] of entriesOf(wholeFields)) {
    if (input[field] !== undefined) problems.add(`${path}/${field}`, message);
  }
  for (const [field, message] of entriesOf(listFields)) {
    if ((input[field] ?? []).length > 0) problems.add(`${path}/${field}`, message);
  }
  if (Object.keys(input.secrets ?? {}).length > 0) {
    problems.add(`${path}/secrets`, "secrets are not supported by this release: remove the field");
  }
  for (const [name, value] of Object.entries(input.env ?? {})) {
    if (typeof value !== "string") {
      problems.add(
        `${path}/env/${name}`,
        "secrets are not supported by this release: give the value as a string",
      );
    }
  }
  if (input.tty === true) {
    problems.add(`${path}/tty`, "terminals are not supported by this release: remove the field");
  }
  for (const [index, network] of (input.networks ?? []).entries()) {
    if (network.mode !== "host") {
      problems.add(
        `${path}/networks(${index})/mode`,
        `network mode '${network.mode ?? "container"}' is not supported by this release: use 'host'`,
      );
    }
  }
  if (input.executor !== undefined && input.executor !== "" && input.executor !== "//cmd") {
    problems.add(
      `${path}/executor`,
      "custom executors are not supported by this release: use '' or '//cmd'",
    );
  }
  if ((input.healthChecks ?? []).length > 1) {
    problems.add(
      `${path}/healthChecks`,
      "more than one health check is not supported by this release: keep one",
    );
  }
}

function entriesOf<K extends string>(table: Readonly<Record<K, string>>): readonly [K, string][] {
  return Object.entries(table) as [K, string][];
}
