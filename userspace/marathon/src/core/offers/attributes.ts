import { compareText } from "@tutti/base";
import type { Attribute } from "@tutti/mesos-v1";
import type { AttributeText } from "../instance.ts";

/**
 * Attributes as the texts that constraints compare: a scalar as a number with at most three decimals,
 * ranges as `[1-5,7-9]`, a set as `{a,b}` in order (as Marathon writes them).
 */
export function attributeTexts(attributes: readonly Attribute[]): readonly AttributeText[] {
  return attributes.map((attribute) => ({ name: attribute.name, text: textOf(attribute) }));
}

function textOf(attribute: Attribute): string {
  switch (attribute.type) {
    case "SCALAR":
      return String(Math.round((attribute.scalar?.value ?? 0) * 1000) / 1000);
    case "TEXT":
      return attribute.text?.value ?? "";
    case "RANGES": {
      const ranges = (attribute.ranges?.range ?? []).toSorted(
        (left, right) => Number(left.begin) - Number(right.begin),
      );
      return `[${ranges.map(({ begin, end }) => `${begin}-${end}`).join(",")}]`;
    }
    case "SET":
      return `{${(attribute.set?.item ?? []).toSorted(compareText).join(",")}}`;
    default:
      return "";
  }
}
