import { ok, refuse } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";
import { compileRe2 } from "@tutti/base/re2";
import type { Pattern } from "@tutti/base/re2";
import type { AppConstraint, ConstraintOperator } from "./app.ts";

/** A placement constraint, ready to be applied. */
export interface Constraint {
  /** `hostname` (also written `@hostname`), `@region`, `@zone` or an attribute of the agent. */
  readonly field: string;
  readonly operator: ConstraintOperator;
  readonly value: string;
  /** Of LIKE and UNLIKE. */
  readonly pattern?: Pattern;
}

/**
 * Reads a constraint. Refuses unknown operators, values that an operator needs or does not take, and
 * patterns that RE2 cannot run. The texts are those of Marathon where it has one (rule APP9).
 */
export function parseConstraint(
  constraint: AppConstraint,
): Result<Constraint, Refusal<"INVALID_CONSTRAINT">> {
  const [rawField = "", operator = "", value = ""] = constraint;
  const field = rawField === "@hostname" ? "hostname" : rawField;
  if (field === "") return refuse("INVALID_CONSTRAINT", "Missing field and operator");
  switch (operator) {
    case "UNIQUE":
      return value === ""
        ? ok({ field, operator, value })
        : refuse("INVALID_CONSTRAINT", "Value specified but not used");
    case "CLUSTER":
      return ok({ field, operator, value });
    case "GROUP_BY":
      return value === "" || /^[0-9]{1,9}$/.test(value)
        ? ok({ field, operator, value })
        : refuse("INVALID_CONSTRAINT", "Value was specified but is not a number");
    case "MAX_PER":
      return /^[0-9]{1,9}$/.test(value)
        ? ok({ field, operator, value })
        : refuse("INVALID_CONSTRAINT", "Value was not specified or is not a number");
    case "IS":
      return value === ""
        ? refuse("INVALID_CONSTRAINT", "A value is required for IS")
        : ok({ field, operator, value });
    case "LIKE":
    case "UNLIKE": {
      if (value === "") {
        return refuse("INVALID_CONSTRAINT", "A regular expression value must be provided");
      }
      const pattern = compileRe2(value);
      return pattern.ok
        ? ok({ field, operator, value, pattern: pattern.value })
        : refuse(
            "INVALID_CONSTRAINT",
            `'${value}' is not a valid regular expression: ${pattern.error.message}`,
          );
    }
    default:
      return refuse(
        "INVALID_CONSTRAINT",
        "Operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS, " +
          `got '${operator}'`,
      );
  }
}
