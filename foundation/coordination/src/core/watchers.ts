interface Watcher {
  readonly prefix: string;
  readonly changed: (paths: readonly string[]) => void;
}

/** Who watches which prefix. */
export class Watchers {
  readonly #watchers = new Set<Watcher>();

  get size(): number {
    return this.#watchers.size;
  }

  /** Adds a watcher and returns the way to remove it. */
  add(prefix: string, changed: (paths: readonly string[]) => void): () => void {
    const watcher = { prefix, changed };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Tells each watcher the paths under its prefix, if any. */
  tell(paths: readonly string[]): void {
    if (paths.length === 0) return;
    for (const { prefix, changed } of this.#watchers) {
      const under = paths.filter((path) => path.startsWith(prefix));
      if (under.length > 0) changed(under);
    }
  }
}
