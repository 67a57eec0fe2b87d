import type { House, Manifest, Room } from "../house.ts";
import { isTestPath } from "../layers.ts";
import type { Problem } from "../problem.ts";

/** Doors a room may have, and the file each must open on. */
const doorFiles: Readonly<Record<string, string>> = {
  ".": "./src/index.ts",
  "./core": "./src/core/index.ts",
  "./node": "./src/node/index.ts",
  // foundation/base: the pattern engine, which only a process that matches patterns should load.
  "./re2": "./src/re2.ts",
  // Worlds of a room's own tests that proof builds on too: userspace/l4lb's network namespaces.
  "./testing": "./src/testing/index.ts",
};

/**
 * TDY7: a room has a README.md and a package.json in the house's shape: name `@tutti/<folder>`, the
 * checkout's version, private, Apache-2.0, ES modules, exact versions, and doors at their usual
 * places that let something through. A room that only runs (`src/main.ts`, or nothing but tests) has no
 * door: `"exports": {}`.
 */
export function roomShapeProblems(house: House): Problem[] {
  return house.rooms.flatMap((room) =>
    [
      ...readmeRefusals(house, room),
      ...manifestRefusals(house, room),
      ...doorRefusals(room),
      ...versionRefusals(house, room.manifest),
    ].map((message) => ({ rule: "room-shape", path: `${room.folder}/package.json`, message })),
  );
}

function readmeRefusals(house: House, room: Room): string[] {
  const readme = house.files.find((file) => file.path === `${room.folder}/README.md`);
  if (readme === undefined) {
    return ["no README.md: purpose in one sentence, vocabulary, states, invariants"];
  }
  return readme.text.trim().split("\n").length > 2 ? [] : ["README.md says nothing"];
}

function manifestRefusals(house: House, room: Room): string[] {
  const { name, version, license, type } = room.manifest;
  const expected = `@tutti/${room.folder.split("/").at(-1)}`;
  const refusals: string[] = [];
  if (name !== expected) refusals.push(`name is ${name}, should be ${expected}`);
  if (version !== house.manifest.version) {
    refusals.push(`version is ${version}, the checkout's is ${house.manifest.version}`);
  }
  if (!room.manifest.private) refusals.push('"private" is not true');
  if (license !== "Apache-2.0") refusals.push('"license" is not Apache-2.0');
  if (type !== "module") refusals.push('"type" is not module');
  return refusals;
}

function doorRefusals(room: Room): string[] {
  const { exports } = room.manifest;
  const refusals: string[] = [];
  for (const [door, file] of Object.entries(exports)) {
    if (doorFiles[door] !== file) {
      refusals.push(`door ${door} opens on ${file}: doors are ${JSON.stringify(doorFiles)}`);
      continue;
    }
    const source = room.sources.find((each) => each.path === `${room.folder}/${file.slice(2)}`);
    if (source === undefined) refusals.push(`door ${door} opens on ${file}, which does not exist`);
    else if (source.facts.exportsNothing) {
      refusals.push(`door ${door} lets nothing through: fill it or remove it from exports`);
    }
  }
  if ("./core" in exports && !("." in exports))
    refusals.push("a ./core door needs the door . beside it");
  if ("." in exports) return refusals;
  const runs = room.sources.some(
    ({ path }) => path === `${room.folder}/src/main.ts` || isTestPath(path),
  );
  return runs ? refusals : [...refusals, "no door and no src/main.ts: nobody can use this room"];
}

function versionRefusals(house: House, manifest: Manifest): string[] {
  const own = new Set(house.rooms.map((room) => room.manifest.name));
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  return all.flatMap(([name, version]) => {
    if (own.has(name)) {
      return version === house.manifest.version
        ? []
        : [`${name} at ${version}: rooms move in lock-step, write ${house.manifest.version}`];
    }
    return /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)
      ? []
      : [`${name} at ${version}: versions are exact`];
  });
}
