import type { Family } from "./addresses.ts";
import type { Dataplane } from "./dataplane.ts";
import { limits } from "./limits.ts";
import { sealOf, sealedChains, tableFamilyOf } from "./nft-text.ts";

/** A statement that the kernel refuses as long as something is there, and the word it has for that. */
export interface Seal {
  readonly statement: string;
  readonly refusal: "File exists" | "Device or resource busy";
}

/** What is refused while the tables are there. */
export function tableSeals(tableName: string, families: readonly Family[]): readonly Seal[] {
  return families.map((family) => present(`create table ${tableFamilyOf(family)} ${tableName}`));
}

/** What is refused while the tables have rules: one chain of each, for somebody's `flush table` empties all. */
export function flushSeals(tableName: string, families: readonly Family[]): readonly Seal[] {
  return families.map((family) =>
    used(`delete chain ${tableFamilyOf(family)} ${tableName} ${sealOf("output")}`),
  );
}

/** What is refused while the rules of every chain, and one element of every set and map, are there. Rule LB33. */
export function contentSeals(
  tableName: string,
  families: readonly Family[],
  dataplane: Dataplane,
): readonly Seal[] {
  const hasElements = dataplane.ownedCount <= limits.sealedOwnedMax;
  return families.flatMap((family) => {
    const table = `${tableFamilyOf(family)} ${tableName}`;
    const classes = dataplane.classesOf(family);
    return [
      ...sealedChains(family, classes).map((chain) =>
        used(`delete chain ${table} ${sealOf(chain)}`),
      ),
      ...(hasElements ? elementSeals(table, family, dataplane) : []),
    ];
  });
}

function elementSeals(table: string, family: Family, dataplane: Dataplane): readonly Seal[] {
  const element = (set: string, text: string): Seal =>
    present(`create element ${table} ${set} { ${text} }`);
  const [range] = dataplane.rangesOf(family);
  const ofClasses = [...dataplane.classesOf(family)].flatMap((slotCount) => {
    const key = dataplane.sampleOf(family, slotCount);
    const backend = key === undefined ? undefined : dataplane.slotsOf(key)?.[0];
    if (key === undefined || backend === undefined) return [];
    const place = slotCount === 1 ? key : `${key} . 0`;
    return [
      element(`vips_${slotCount}`, key),
      element(`slots_${slotCount}`, `${place} : ${backend}`),
    ];
  });
  return [...(range === undefined ? [] : [element("owned", range)]), ...ofClasses];
}

function present(statement: string): Seal {
  return { statement, refusal: "File exists" };
}

function used(statement: string): Seal {
  return { statement, refusal: "Device or resource busy" };
}
