import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { Attribute } from "@tutti/mesos-v1";
import { textCharsMax } from "./limits.ts";
import { parseValue, tokens } from "./value-text.ts";
import type { TextRefusal } from "./value-text.ts";

/**
 * Reads an agent's `--attributes`: `rack:r1;zone:z1;cores:8;racks:[1-5]`. The value begins after the
 * first colon. Sets are no attributes. Rule RES10.
 */
export function parseAttributesText(text: string): Result<readonly Attribute[], TextRefusal> {
  if (text.length > textCharsMax) {
    return refuse("INVALID_TEXT", `Attributes are longer than ${textCharsMax} characters`);
  }
  const out: Attribute[] = [];
  for (const token of tokens(text, ";\n")) {
    const colon = token.indexOf(":");
    const name = token.slice(0, Math.max(0, colon)).trim();
    if (colon < 0 || name === "") {
      return refuse("INVALID_TEXT", `Invalid attribute key:value pair '${token}'`);
    }
    const value = parseValue(token.slice(colon + 1));
    if (!value.ok)
      return refuse("INVALID_TEXT", `Invalid attribute '${token}': ${value.error.message}`);
    if (value.value.type === "SET") {
      return refuse("INVALID_TEXT", `Invalid attribute '${token}': a set is no attribute`);
    }
    out.push({ name, ...value.value });
  }
  return ok(out);
}
