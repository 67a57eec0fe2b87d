import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { House } from "./house.ts";
import { readHouse } from "./read-house.ts";

/** The checkout this file stands in. */
export const checkout = resolve(import.meta.dirname, "../../..");

/** The files that tell the guards what to refuse. */
const settings = [
  "vitest.config.ts",
  "tsconfig.base.json",
  "tsconfig.json",
  "tsconfig.core.json",
  "knip.json",
  ".oxlintrc.json",
  ".oxfmtrc.json",
  ".gitignore",
];

/** A house in a temporary folder; leaving the scope removes it. */
export interface PlantedHouse extends Disposable {
  readonly root: string;
  readonly house: House;
}

/** The package.json of a room in good order; `changes` replaces parts of it. */
export function roomManifest(
  folder: string,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    name: `@tutti/${folder.split("/").at(-1)}`,
    version: "0.1.0",
    private: true,
    license: "Apache-2.0",
    type: "module",
    exports: { ".": "./src/index.ts" },
    ...changes,
  });
}

/**
 * Builds a house of the given files in a temporary folder. A file `kernel/master/src/x.ts` brings
 * its room along (manifest, README, door) unless those are given; `rooms` changes manifests.
 */
export function plant(
  files: Readonly<Record<string, string>>,
  rooms: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): PlantedHouse {
  const root = mkdtempSync(join(tmpdir(), "tutti-planted-"));
  const all: Record<string, string> = {
    "package.json": JSON.stringify({
      name: "tutti",
      version: "0.1.0",
      type: "module",
      workspaces: ["foundation/*", "protocol/*", "sdk", "kernel/*", "userspace/*", "proof/*"],
      devDependencies: { vitest: "5.1.1" },
    }),
  };
  for (const folder of roomFolders([...Object.keys(files), ...Object.keys(rooms)])) {
    all[`${folder}/package.json`] = roomManifest(folder, rooms[folder]);
    all[`${folder}/README.md`] = `# ${folder}\n\nA room.\n\nInvariant: none.\n`;
    const doors = rooms[folder]?.["exports"] ?? { ".": "./src/index.ts" };
    if (Object.keys(doors).length > 0) all[`${folder}/src/index.ts`] = "export const door = 1;\n";
  }
  for (const [path, text] of Object.entries({ ...all, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return {
    root,
    house: readHouse(root),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Gives a planted house the checkout's own tools and settings, so that the real guards judge it. */
export function furnish({ root, house }: PlantedHouse): void {
  for (const name of settings) cpSync(join(checkout, name), join(root, name));
  const modules = join(root, "node_modules");
  mkdirSync(join(modules, "@tutti"), { recursive: true });
  for (const name of readdirSync(join(checkout, "node_modules"))) {
    if (name !== "@tutti") symlinkSync(join(checkout, "node_modules", name), join(modules, name));
  }
  for (const room of house.rooms) {
    symlinkSync(join(root, room.folder), join(modules, room.manifest.name));
  }
}

function roomFolders(paths: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    const room =
      /^(sdk|(?:foundation|protocol|kernel|userspace|interfaces|distribution|proof|tools)\/[^/]+)(?:\/|$)/.exec(
        path,
      );
    if (room?.[1] !== undefined) folders.add(room[1]);
  }
  return folders;
}
