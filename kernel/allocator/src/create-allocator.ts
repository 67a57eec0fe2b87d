import { assert } from "@tutti/base";
import type { Random } from "@tutti/ports";
import { Quantities, thousandths } from "@tutti/resources";
import { DrfSorter } from "./drf-sorter.ts";
import { FairAllocator } from "./fair-allocator.ts";
import { limits } from "./limits.ts";
import { RandomSorter } from "./random-sorter.ts";
import type { Allocator } from "./types.ts";

/** How an allocator divides. */
export interface AllocatorOptions {
  /** `drf` (dominant resource fairness, the default) or `random` (weighted chance, which needs `random`). */
  readonly sorter?: "drf" | "random";
  readonly random?: Random;
  /**
   * An offer holds at least one of these amounts. Default: 0.01 cpus or 32 MB of memory, as in Mesos; an
   * empty list lets anything be offered.
   */
  readonly minAllocatable?: readonly Quantities[];
  /** Names of scalars that do not count for shares, such as `gpus`. */
  readonly fairnessExcluded?: readonly string[];
}

/** Mesos's default of `--min_allocatable_resources`. */
export const minAllocatableDefault: readonly Quantities[] = [
  Quantities.of([["cpus", thousandths(10)]]),
  Quantities.of([["mem", thousandths(32_000)]]),
];

/** An allocator without frameworks and agents. */
export function createAllocator(options: AllocatorOptions = {}): Allocator {
  const { sorter = "drf", random, minAllocatable, fairnessExcluded = [] } = options;
  return new FairAllocator({
    minAllocatable: minAllocatable ?? minAllocatableDefault,
    fairnessExcluded,
    walkLengthMax: limits.walkLengthMax,
    createSorter: (total) => {
      if (sorter === "drf") return new DrfSorter(total);
      assert(random !== undefined, "the random sorter needs a source of chance");
      return new RandomSorter(random);
    },
  });
}
