import { RE2JS } from "re2js";
import { ok, refuse } from "./result.ts";
import type { Refusal, Result } from "./result.ts";

/** The longest pattern that is compiled, in UTF-16 code units. */
export const PATTERN_UNITS_MAX = 4096;

/** A compiled pattern from outside; matching takes time linear in the text. */
export interface Pattern {
  /** Whether the whole text matches, as LIKE and UNLIKE of Marathon mean it. */
  matches(text: string): boolean;
  /** Whether some part of the text matches. */
  test(text: string): boolean;
}

/**
 * Compiles a pattern in RE2 syntax, the only way for a pattern from outside. Refused as
 * `INVALID_PATTERN`: broken syntax, look-around and back-references (RE2 has none), and patterns
 * longer than `PATTERN_UNITS_MAX`.
 */
export function compileRe2(pattern: string): Result<Pattern, Refusal<"INVALID_PATTERN">> {
  if (pattern.length > PATTERN_UNITS_MAX) {
    return refuse("INVALID_PATTERN", `A pattern may have at most ${PATTERN_UNITS_MAX} characters.`);
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return ok({
      matches: (text) => compiled.testExact(text),
      test: (text) => compiled.test(text),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse("INVALID_PATTERN", `Not a pattern in RE2 syntax: ${reason}.`);
  }
}
