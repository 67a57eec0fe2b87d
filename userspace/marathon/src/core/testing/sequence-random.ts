import type { Random } from "@tutti/ports";

/** Chance that is no chance: ids `u1`, `u2`, …, and a small generator for the rest. */
export function sequenceRandom(seed = 1): Random {
  let uuids = 0;
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    uuid: () => {
      uuids += 1;
      return `u${uuids}`;
    },
  };
}
