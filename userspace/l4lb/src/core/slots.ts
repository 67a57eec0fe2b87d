import { present } from "@tutti/base";

/** With at most this many backends a VIP has a whole number of rounds of slots: no skew at all. */
const exactBackendsMax = 64;
/** With more, each backend has at least this many slots: a slot more or less is no more than 5 %. */
const slotsPerBackendMin = 20;

/**
 * How many slots a VIP with so many backends has: its size class. 1 for one backend. Up to 64 backends a whole
 * number of rounds (8, fewer when they make 64 slots), so that every backend has as many slots as the next. Above,
 * the least power of two with at least 20 slots for each, so that few slots change when a backend comes or goes.
 * Decision 0009 says why.
 */
export function slotCountOf(backendCount: number): number {
  if (backendCount <= 1) return backendCount;
  if (backendCount <= exactBackendsMax) return backendCount * roundsOf(backendCount);
  let count = 1;
  while (count < backendCount * slotsPerBackendMin) count *= 2;
  return count;
}

function roundsOf(backendCount: number): number {
  return Math.max(2, Math.min(8, Math.ceil(64 / backendCount)));
}

/**
 * Gives every slot of a VIP a backend.
 *
 * `held` is what the slots hold now (empty, or of another length: they are laid out anew); `backends` are distinct
 * and in a fixed order. Invariant: all slots are filled; two backends differ by at most one slot; a slot changes
 * hands only when its backend has gone or has more than its share.
 */
export function assignSlots(
  held: readonly string[],
  backends: readonly string[],
): readonly string[] {
  const count = slotCountOf(backends.length);
  if (held.length !== count) return layOut(backends, count);
  const slots = keepShares(held, backends);
  const owned = new Map<string, number>(backends.map((backend) => [backend, 0]));
  const free: number[] = [];
  for (const [index, backend] of slots.entries()) {
    if (backend === undefined) free.push(index);
    else owned.set(backend, present(owned.get(backend), backend) + 1);
  }
  // The poorest first, one slot each in turn: what is freed is spread.
  const poor = backends.toSorted((a, b) => (owned.get(a) ?? 0) - (owned.get(b) ?? 0));
  let turn = 0;
  for (const index of free) {
    const backend = nextPoor(poor, owned, count, turn);
    slots[index] = backend.name;
    owned.set(backend.name, (owned.get(backend.name) ?? 0) + 1);
    turn = backend.position + 1;
  }
  return slots.map((backend) => present(backend, "every slot is filled"));
}

/** What each backend keeps of its slots; the rest is undefined. */
function keepShares(held: readonly string[], backends: readonly string[]): (string | undefined)[] {
  const base = Math.floor(held.length / backends.length);
  let extra = held.length % backends.length;
  const has = new Map<string, number>(backends.map((backend) => [backend, 0]));
  for (const backend of held) {
    const count = has.get(backend);
    if (count !== undefined) has.set(backend, count + 1);
  }
  const share = new Map<string, number>();
  for (const backend of backends) {
    const more = extra > 0 && (has.get(backend) ?? 0) > base;
    if (more) extra -= 1;
    share.set(backend, more ? base + 1 : base);
  }
  return held.map((backend) => {
    const left = share.get(backend) ?? 0;
    if (left === 0) return undefined;
    share.set(backend, left - 1);
    return backend;
  });
}

/** The next backend in turn that is below its share; when none is, the next that is at it. */
function nextPoor(
  order: readonly string[],
  owned: ReadonlyMap<string, number>,
  slotCount: number,
  turn: number,
): { readonly name: string; readonly position: number } {
  const base = Math.floor(slotCount / order.length);
  for (const limit of [base, base + 1]) {
    for (let step = 0; step < order.length; step++) {
      const position = (turn + step) % order.length;
      const name = present(order[position], "a backend");
      if ((owned.get(name) ?? 0) < limit) return { name, position };
    }
  }
  throw new Error("slots are more than the shares of all backends");
}

/** How round `r` begins: with backend `steady × r + uneven × bitCount(r)`. */
interface Turn {
  readonly steady: number;
  readonly uneven: number;
}

/**
 * Lays out slots in rounds: each round names every backend once, turned against the round before. The turn matters
 * because the counter that walks the slots is shared by all VIPs of a class: two VIPs used in turn see every second
 * slot only, and those must name every backend as often as the others.
 */
function layOut(backends: readonly string[], slotCount: number): readonly string[] {
  const size = backends.length;
  const turn = turnOf(size, slotCount);
  return Array.from({ length: slotCount }, (_unused, slot) =>
    present(backends[backendAt(slot, size, turn)], "a backend"),
  );
}

function backendAt(slot: number, size: number, turn: Turn): number {
  const round = Math.floor(slot / size);
  return ((slot % size) + turn.steady * round + turn.uneven * bitCount(round)) % size;
}

function bitCount(number: number): number {
  let count = 0;
  for (let rest = number; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

const turns = new Map<number, Turn>();
const turnsTried = [0, 1, 2, 3];

/** The turn with which VIPs used in step (every second, third … slot) see all backends most evenly. */
function turnOf(size: number, slotCount: number): Turn {
  if (size > exactBackendsMax) return { steady: 0, uneven: 1 };
  const known = turns.get(size);
  if (known !== undefined) return known;
  let best: Turn = { steady: 0, uneven: 0 };
  let bestScore = Number.POSITIVE_INFINITY;
  for (const steady of turnsTried) {
    for (const uneven of turnsTried) {
      const score = unevenness(size, slotCount, { steady, uneven });
      if (score >= bestScore) continue;
      best = { steady, uneven };
      bestScore = score;
    }
  }
  turns.set(size, best);
  return best;
}

/** The sum, over strides of 2, 3, 4 and 8 and their starts, of what the most and the least named backend differ by. */
function unevenness(size: number, slotCount: number, turn: Turn): number {
  let sum = 0;
  for (const stride of [2, 3, 4, 8]) {
    for (let start = 0; start < stride; start++) {
      const named = Array.from({ length: size }, () => 0);
      // As many steps as there are slots: the walk comes back to where it began.
      for (let step = 0; step < slotCount; step++) {
        const backend = backendAt((start + step * stride) % slotCount, size, turn);
        named[backend] = (named[backend] ?? 0) + 1;
      }
      sum += Math.max(...named) - Math.min(...named);
    }
  }
  return sum;
}
