/** Characters of a `--resources` or `--attributes` text. */
export const textCharsMax = 1_000_000;
