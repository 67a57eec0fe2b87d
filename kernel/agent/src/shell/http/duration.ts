const msOfUnit = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  secs: 1_000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
} as const;

/** Milliseconds of a duration like `2secs`; undefined when it is none. */
export function durationMsOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|secs|mins|hrs|days|weeks)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * msOfUnit[match[2] as keyof typeof msOfUnit];
}

/** What is wrong with a duration like `2secs`, in Mesos's words; undefined: nothing is, or there is none. */
export function faultOfTimeout(text: string | null): string | undefined {
  if (text === null || durationMsOf(text) !== undefined) return undefined;
  const number = /^[\d.]*/.exec(text)?.[0] ?? "";
  const reason = number === "" ? "Failed to convert '' to number." : "Unknown duration unit";
  return `Invalid timeout '${text}': ${reason}\n`;
}
