import { nearest, type RefusalDetail } from "@tutti/base";
import type { ConstraintOperator } from "@tutti/marathon-v2";
import type { CliRefusal } from "./refusal.ts";

const operators: Readonly<Record<ConstraintOperator, true>> = {
  UNIQUE: true,
  CLUSTER: true,
  GROUP_BY: true,
  LIKE: true,
  UNLIKE: true,
  MAX_PER: true,
  IS: true,
};

/** What is right in fields whose form is not to be guessed, as JSON. */
const examples: Readonly<Record<string, string>> = {
  acceptedResourceRoles: '["*"]',
  args: '["sleep", "1000"]',
  constraints: '[["hostname", "UNIQUE"]]',
  cpus: "0.5",
  dependencies: '["/db"]',
  env: '{"MODE": "dark"}',
  healthChecks: '[{"protocol": "MESOS_HTTP", "path": "/"}]',
  instances: "2",
  labels: '{"team": "blue"}',
  mem: "128",
  portDefinitions: '[{"port": 0, "name": "http"}]',
  upgradeStrategy: '{"minimumHealthCapacity": 0.5}',
};

/** What Marathon calls a definition that it does not accept. */
const marathonsWords = new Set(["Invalid JSON", "Object is not valid"]);

/** A refused definition, of which Marathon tells the places and nothing else: in words of use. */
export function wrongDefinition(
  id: string,
  refusal: CliRefusal,
  { isUpdate }: { readonly isUpdate: boolean },
): CliRefusal {
  const { details = [] } = refusal;
  if (details.length === 0 || !marathonsWords.has(refusal.message)) return refusal;
  const known = details.map(withOperator);
  const field = known.map(fieldOf).find((name) => name !== undefined);
  const example = field === undefined ? undefined : examples[field];
  const places = known.length === 1 ? "" : ` in ${String(known.length)} places`;
  const message = `The definition of ${id} is not accepted${places}; nothing was changed.`;
  if (field === undefined || example === undefined) return { ...refusal, message, details: known };
  const hint = isUpdate
    ? `Write it like this: '${field}=${example}'.`
    : `Write it like this: "${field}": ${example}.`;
  return { ...refusal, message, details: known, hint };
}

/** The field, where something of a wrong form stands in it. */
function fieldOf({ path, errors }: RefusalDetail): string | undefined {
  const isForm = errors.some((error) => error.startsWith("must ") || error.includes("Operator"));
  return isForm ? /^\/(\w+)/u.exec(path)?.[1] : undefined;
}

/** An unknown operator of a constraint may be a slip of the hand. */
function withOperator({ path, errors }: RefusalDetail): RefusalDetail {
  return {
    path,
    errors: errors.map((error) => {
      const [, written = ""] = /^Operator must be one of .* got '(.*)'$/su.exec(error) ?? [];
      const meant = nearest(written.toUpperCase(), Object.keys(operators));
      return written === "" || meant === undefined ? error : `${error}; did you mean ${meant}?`;
    }),
  };
}
