import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { messages, parseJson } from "@tutti/mesos-v1";
import type { Resource } from "@tutti/mesos-v1";
import { textCharsMax } from "./limits.ts";
import { Resources } from "./resources.ts";
import { parseValue, tokens } from "./value-text.ts";
import type { TextRefusal } from "./value-text.ts";
import { faultOfResource } from "./validate.ts";
import { toStackedReservations } from "./item.ts";

/**
 * Reads an agent's `--resources`: `cpus:4;mem(web):1024;ports:[31000-32000]`, where parentheses name
 * the role of a static reservation, or a JSON array of resource messages. `defaultRole` owns what names
 * no role. Refuses what only a program may say: volumes, revocable and dynamically reserved resources.
 * Rules RES8, RES9.
 */
export function parseResourcesText(
  text: string,
  defaultRole = "*",
): Result<Resources, TextRefusal> {
  if (text.length > textCharsMax) {
    return refuse("INVALID_TEXT", `Resources are longer than ${textCharsMax} characters`);
  }
  const read = text.trimStart().startsWith("[") ? readJson(text) : readSimple(text);
  if (!read.ok) return read;
  const given = read.value.map((message) => withDefaultRole(message, defaultRole));
  for (const message of given) {
    const fault = faultOfResource(message) ?? faultOfCommandLine(toStackedReservations(message));
    if (fault !== undefined) return refuse("INVALID_TEXT", fault);
  }
  const mixed = nameOfTwoTypes(given);
  if (mixed !== undefined) {
    const name = `Resources with the same name ('${mixed}') but different types are not allowed`;
    return refuse("INVALID_TEXT", name);
  }
  return ok(Resources.of(given));
}

/**
 * The text that `parseResourcesText` reads back; undefined when there is something it cannot say
 * (a disk source, an allocation, a stacked or dynamic reservation …).
 */
export function formatResourcesText(resources: Resources): string | undefined {
  const parts: string[] = [];
  for (const message of resources.toMessages()) {
    const { name, type: _, scalar, ranges, set, reservations = [], ...rest } = message;
    const [only, ...others] = reservations;
    const plain = only === undefined || (only.type === "STATIC" && isBare(only));
    if (Object.keys(rest).length > 0 || others.length > 0 || !plain || /[:;()\s]/.test(name)) {
      return undefined;
    }
    const value =
      scalar?.value ??
      (ranges === undefined
        ? `{${(set?.item ?? []).join(",")}}`
        : `[${(ranges.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(",")}]`);
    if ((set?.item ?? []).some((item) => item === "" || /[{}[\]();:,\s]/.test(item)))
      return undefined;
    parts.push(`${name}${only === undefined ? "" : `(${only.role ?? ""})`}:${value}`);
  }
  return parts.join(";");
}

function isBare(reservation: object): boolean {
  return Object.keys(reservation).every((key) => key === "type" || key === "role");
}

function readJson(text: string): Result<readonly Resource[], TextRefusal> {
  const parsed = parseJson(messages.Request, `{"resources":${text}}`);
  return parsed.ok
    ? ok(parsed.value.resources ?? [])
    : refuse(
        "INVALID_TEXT",
        `Some JSON resources were not formatted properly: ${parsed.error.message}`,
      );
}

function readSimple(text: string): Result<readonly Resource[], TextRefusal> {
  const out: Resource[] = [];
  for (const token of tokens(text, ";")) {
    const pair = tokens(token, ":");
    const [left = "", right = ""] = pair;
    if (pair.length !== 2) {
      return refuse("INVALID_TEXT", `Bad value for resources, missing or extra ':' in ${token}`);
    }
    const open = left.indexOf("(");
    const close = left.indexOf(")");
    if (open >= 0 && close < open) {
      return refuse("INVALID_TEXT", `Bad value for resources, mismatched parentheses in ${token}`);
    }
    const name = (open < 0 ? left : left.slice(0, open)).trim();
    const value = parseValue(right);
    if (!value.ok) {
      const reason = `Failed to parse resource ${name} value ${right} error ${value.error.message}`;
      return refuse("INVALID_TEXT", reason);
    }
    if (value.value.type === "TEXT") {
      return refuse("INVALID_TEXT", `Bad type for resource ${name} value ${right} type TEXT`);
    }
    const role = open < 0 ? undefined : left.slice(open + 1, close).trim();
    out.push({ name, ...value.value, ...(role === undefined ? {} : { role }) });
  }
  return ok(out);
}

function withDefaultRole(message: Resource, role: string): Resource {
  return message.role === undefined && (message.reservations ?? []).length === 0
    ? { ...message, role }
    : message;
}

function faultOfCommandLine(message: Resource): string | undefined {
  if (message.disk?.persistence !== undefined) {
    return "Persistent volumes cannot be specified at the command line";
  }
  if (message.revocable !== undefined) {
    return "Revocable resources cannot be specified at the command line; do not include a 'revocable' key in the resources JSON";
  }
  return message.reservations?.at(-1)?.type === "DYNAMIC"
    ? "Dynamic reservations cannot be specified at the command line; do not include a 'reservation' key in the resources JSON"
    : undefined;
}

function nameOfTwoTypes(given: readonly Resource[]): string | undefined {
  const types = new Map<string, string>();
  return given.find(({ name, type }) => {
    const known = types.get(name);
    types.set(name, type);
    return known !== undefined && known !== type;
  })?.name;
}
