/** Characters of a `--resources` or `--attributes` text. */
export const textCharsMax = 1_000_000;
/** Names of plain resources whose kind is shared, for each type. */
export const plainKindsMax = 256;
/** Roles for which a kind remembers itself allocated. */
export const rolesPerKindMax = 10_000;
/** Amounts of a kind that are kept as one object each. */
export const amountsPerKindMax = 1024;
