/** A closed interval of integers: both ends belong to it. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/**
 * A set of integers as ranges.
 * Invariant: ascending, no two overlap or touch, all ends are safe integers of at least 0.
 */
export type Ranges = readonly Range[];

/** Sorts and joins ranges of any order; each has `begin <= end`. */
export function normaliseRanges(ranges: readonly Range[]): Ranges {
  if (ranges.length <= 1) return ranges;
  const out: { begin: number; end: number }[] = [];
  for (const range of ranges.toSorted((left, right) => left.begin - right.begin)) {
    const last = out.at(-1);
    if (last !== undefined && range.begin <= last.end + 1) last.end = Math.max(last.end, range.end);
    else out.push({ begin: range.begin, end: range.end });
  }
  return out;
}

/** All integers of either side. */
export function addRanges(left: Ranges, right: Ranges): Ranges {
  if (right.length === 0) return left;
  if (left.length === 0) return right;
  const out: Range[] = [];
  let begin = -1;
  let end = -2;
  for (let one = 0, other = 0; one < left.length || other < right.length;) {
    const isLeft = (left[one]?.begin ?? Infinity) <= (right[other]?.begin ?? Infinity);
    const range = isLeft ? left[one++] : right[other++];
    if (range === undefined) continue;
    if (begin >= 0 && range.begin <= end + 1) {
      end = Math.max(end, range.end);
      continue;
    }
    if (begin >= 0) out.push({ begin, end });
    ({ begin, end } = range);
  }
  out.push({ begin, end });
  return out;
}

/** All integers of `left` that `right` lacks. */
export function subtractRanges(left: Ranges, right: Ranges): Ranges {
  const out: Range[] = [];
  let next = 0;
  for (const range of left) {
    let begin = range.begin;
    while (next < right.length && (right[next]?.end ?? 0) < begin) next += 1;
    for (let index = next; index < right.length; index += 1) {
      const hole = right[index];
      if (hole === undefined || hole.begin > range.end) break;
      if (hole.begin > begin) out.push({ begin, end: hole.begin - 1 });
      begin = Math.max(begin, hole.end + 1);
    }
    if (begin <= range.end) out.push({ begin, end: range.end });
  }
  return out;
}

/** Whether `left` has every integer of `right`. */
export function containsRanges(left: Ranges, right: Ranges): boolean {
  let at = 0;
  for (const range of right) {
    while (at < left.length && (left[at]?.end ?? 0) < range.begin) at += 1;
    const around = left[at];
    if (around === undefined || around.begin > range.begin || around.end < range.end) return false;
  }
  return true;
}

/** Whether both are the same set. */
export function equalRanges(left: Ranges, right: Ranges): boolean {
  return (
    left.length === right.length &&
    left.every((range, index) => {
      const other = right[index];
      return range.begin === other?.begin && range.end === other.end;
    })
  );
}

/** How many integers there are. */
export function countRanges(ranges: Ranges): number {
  return ranges.reduce((sum, range) => sum + (range.end - range.begin + 1), 0);
}

/** `[31000-31005, 31009-31009]` */
export function formatRanges(ranges: Ranges): string {
  return `[${ranges.map((range) => `${range.begin}-${range.end}`).join(", ")}]`;
}
