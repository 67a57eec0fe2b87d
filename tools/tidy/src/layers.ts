/** A storey of the house, named like its folder. */
export type Layer =
  | "foundation"
  | "protocol"
  | "sdk"
  | "kernel"
  | "userspace"
  | "interfaces"
  | "distribution"
  | "proof"
  | "tools";

/**
 * The storeys from the ground up. A room imports rooms of a lower rank, or of its own storey where
 * `maySeeSibling` says so. `tools` stands outside: it may use foundation and protocol, and nothing
 * imports it.
 */
export const rankOf: Readonly<Record<Layer, number>> = {
  foundation: 0,
  protocol: 1,
  sdk: 2,
  kernel: 3,
  userspace: 3,
  interfaces: 3,
  distribution: 4,
  proof: 5,
  tools: 6,
};

/** The highest rank that `tools` may import. */
export const toolsRankMax = rankOf.protocol;

/** Who may import whom inside the kernel: master and agent are strangers. */
const kernelSiblings: Readonly<Record<string, readonly string[]>> = {
  "kernel/master": ["kernel/allocator"],
  "kernel/agent": ["kernel/executor", "kernel/containerizer"],
};

/** Whether the room in folder `from` may import the room in folder `to` of the same layer. */
export function maySeeSibling(layer: Layer, from: string, to: string): boolean {
  switch (layer) {
    case "foundation":
    case "protocol":
    case "distribution":
    case "proof":
      return true;
    case "kernel":
      return kernelSiblings[from]?.includes(to) ?? false;
    case "sdk":
    case "userspace":
    case "interfaces":
    case "tools":
      return false;
  }
}

/** Rooms without a shell: every source file of them is a core. */
const pureRooms: readonly string[] = [
  "foundation/base",
  "foundation/machine",
  "foundation/testkit",
  "kernel/allocator",
  "kernel/executor",
  "distribution/simulator",
];

/** Whether the whole room in `folder` is pure, so that its door `.` is fit for cores. */
export function isPureRoom(folder: string): boolean {
  return pureRooms.includes(folder) || folder.startsWith("protocol/");
}

/**
 * Whether the source file at `path` (relative to the checkout) belongs to a core. Tests of cores are
 * not cores: they may read golden files.
 */
export function isCorePath(path: string): boolean {
  if (isTestPath(path) || !path.endsWith(".ts")) return false;
  const [layer, room] = path.split("/");
  if (path.startsWith(`${layer}/${room}/src/`) && isPureRoom(`${layer}/${room}`)) return true;
  return (
    /^foundation\/ports\/src\/[^/]+\.ts$/.test(path) ||
    path.startsWith("sdk/src/core/") ||
    /^(foundation|kernel|userspace)\/[^/]+\/src\/core\//.test(path)
  );
}

/** Whether a source file is there for tests only: a test, a property, or what a `testing` folder holds. */
export function isTestPath(path: string): boolean {
  return /\.(test|property)\.ts$/.test(path) || path.includes("/testing/");
}
