import type { Layer } from "./layers.ts";
import type { SourceFacts } from "./read-source.ts";

/** What the laws look at: the checkout as values, read once. */
export interface House {
  /** Absolute path of the checkout. */
  readonly root: string;
  readonly manifest: Manifest;
  readonly rooms: readonly Room[];
  /** Every text file of the checkout that git would keep, rooms included. */
  readonly files: readonly TextFile[];
}

/** A workspace package of the house. */
export interface Room {
  /** Path relative to the checkout, e.g. `kernel/master`. */
  readonly folder: string;
  readonly layer: Layer;
  readonly manifest: Manifest;
  readonly sources: readonly SourceFile[];
}

/** The parts of a package.json that the laws speak of. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private: boolean;
  readonly license: string;
  readonly type: string;
  /** Door to file, e.g. `.` to `./src/index.ts`. */
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** A file's path relative to the checkout and its content. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A TypeScript file of a room and what the parser found in it. */
export interface SourceFile extends TextFile {
  readonly facts: SourceFacts;
}
