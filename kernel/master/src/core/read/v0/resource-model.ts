import { countRanges, formatRanges, fromThousandths } from "@tutti/resources";
import type { Resources } from "@tutti/resources";

/** JSON as the v0 endpoints print it. */
export type Json = Readonly<Record<string, unknown>>;

/** Resources by name: scalars as numbers (the four usual ones always), ranges and sets as text. Rule MST80. */
export function resourceModel(resources: Resources): Json {
  const model: Record<string, unknown> = { disk: 0, mem: 0, gpus: 0, cpus: 0 };
  const plain = resources.nonRevocable();
  for (const [name, amount] of plain.quantities().entries()) model[name] = fromThousandths(amount);
  for (const [name, amount] of resources.revocable().quantities().entries()) {
    model[`${name}_revocable`] = fromThousandths(amount);
  }
  for (const name of rangeNamesOf(plain)) model[name] = formatRanges(plain.ranges(name));
  return model;
}

/** Resources by name as amounts, ranges by their length; what there is none of is left out. */
export function amountModel(resources: Resources): Json {
  const model: Record<string, unknown> = {};
  for (const [name, amount] of resources.quantities().entries()) {
    model[name] = fromThousandths(amount);
  }
  for (const name of rangeNamesOf(resources)) model[name] = countRanges(resources.ranges(name));
  return model;
}

function rangeNamesOf(resources: Resources): ReadonlySet<string> {
  const names = resources
    .filter((head) => head.type === "RANGES")
    .toMessages()
    .map((message) => message.name);
  return new Set(names);
}
