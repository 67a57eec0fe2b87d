/** One entry of `packages` in a package-lock.json: the parts that matter here. */
export interface LockEntry {
  readonly version?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [part: string]: unknown;
}

/** The `packages` of a lock file, by path. */
export type LockEntries = Readonly<Record<string, LockEntry>>;

/** What a word of a package's name says about the system it is for, as package.json spells it. */
const systems: Readonly<Record<string, string>> = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  fsevents: "darwin",
  linux: "linux",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win32: "win32",
};

const processors: Readonly<Record<string, string>> = {
  arm: "arm",
  arm64: "arm64",
  ia32: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  wasm32: "wasm32",
  x64: "x64",
};

const libraries: Readonly<Record<string, string>> = {
  gnu: "glibc",
  gnueabihf: "glibc",
  musl: "musl",
  musleabihf: "musl",
};

/**
 * Entries that `npm ci` wants and a registry without the packages of foreign systems cannot give: an
 * optional dependency that was not found is left out of the lock file by `npm install`, and `npm ci`
 * then refuses the whole lock file. The entries say the system and processor of their packages, read
 * from their names, so that they are never fetched elsewhere; they have no checksum.
 */
export function missingOptionals(entries: LockEntries): Record<string, LockEntry> {
  const added: Record<string, LockEntry> = {};
  for (const [path, entry] of Object.entries(entries)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const version = range.replace(/^[\^~]/, "");
      const found = resolve({ ...entries, ...added }, path, name);
      const exact = version === range;
      if (found !== undefined && (!exact || found.version === version)) continue;
      // In npm's own order of parts, so that its next write changes nothing.
      const { cpu, libc, os } = platformOf(name);
      added[`${folderOf(path)}/${name}`] = {
        version,
        ...(cpu === undefined ? {} : { cpu }),
        ...(entry.dev === true ? { dev: true } : {}),
        ...(libc === undefined ? {} : { libc }),
        optional: true,
        ...(os === undefined ? {} : { os }),
      };
    }
  }
  return added;
}

/** The entry that Node would find for `name` from the package at `path`. */
function resolve(entries: LockEntries, path: string, name: string): LockEntry | undefined {
  const parts = path === "" ? [] : path.split("/");
  for (let length = parts.length; length >= 0; length -= 1) {
    const prefix = parts.slice(0, length).join("/");
    const found = entries[`${prefix}${prefix === "" ? "" : "/"}node_modules/${name}`];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The `node_modules` folder in which the package at `path` lies. */
function folderOf(path: string): string {
  const at = path.lastIndexOf("node_modules/");
  return at === -1 ? "node_modules" : path.slice(0, at + "node_modules".length);
}

/** What is written in the name; undefined for a part that is not. */
function platformOf(name: string): Record<"cpu" | "libc" | "os", string[] | undefined> {
  const words = name.split(/[^a-z0-9]+/);
  const among = (table: Readonly<Record<string, string>>): string[] | undefined => {
    const found = words.flatMap((word) => table[word] ?? []);
    return found.length === 0 ? undefined : found;
  };
  return { cpu: among(processors), libc: among(libraries), os: among(systems) };
}

/** The lock file's text with the missing entries, in npm's own order; unchanged when none is missing. */
export function completeLock(text: string): string {
  const lock = JSON.parse(text) as { packages: LockEntries };
  const added = missingOptionals(lock.packages);
  if (Object.keys(added).length === 0) return text;
  const packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...added }).toSorted(([a], [b]) => a.localeCompare(b, "en")),
  );
  return `${JSON.stringify({ ...lock, packages }, null, 2)}\n`;
}
