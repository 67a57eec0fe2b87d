import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { House, Manifest, Room, SourceFile, TextFile } from "./house.ts";
import { rankOf } from "./layers.ts";
import type { Layer } from "./layers.ts";
import { readSource } from "./read-source.ts";

/** Folders that hold no text of ours. */
const skippedFolders = new Set(["node_modules", ".git", ".tutti", "coverage"]);

/** Larger files are data, not text to read for laws. */
const textBytesMax = 2_000_000;

/**
 * Reads the checkout at `root`. A room is a folder with a package.json: `sdk`, or one below a layer.
 * `tools/runtime` is the pinned runtime's own little package and no room.
 */
export function readHouse(root: string): House {
  const files = readTexts(root, "");
  const rooms = Object.keys(rankOf)
    .map((name) => name as Layer)
    .flatMap((layer) =>
      foldersOf(root, layer).map((folder) => readRoom(root, { layer, folder, files })),
    );
  return { root, manifest: readManifest(join(root, "package.json")), rooms, files };
}

/** The rooms' folders of one layer. */
function foldersOf(root: string, layer: Layer): string[] {
  const top = join(root, layer);
  if (!existsSync(top)) return [];
  if (existsSync(join(top, "package.json"))) return [layer];
  return readdirSync(top)
    .map((name) => `${layer}/${name}`)
    .filter((folder) => folder !== "tools/runtime")
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .toSorted();
}

function readRoom(
  root: string,
  place: { readonly layer: Layer; readonly folder: string; readonly files: readonly TextFile[] },
): Room {
  const { layer, folder, files } = place;
  const sources: SourceFile[] = files
    .filter((file) => file.path.startsWith(`${folder}/`) && file.path.endsWith(".ts"))
    .map((file) => ({ ...file, facts: readSource(file.path, file.text) }));
  return { folder, layer, manifest: readManifest(join(root, folder, "package.json")), sources };
}

/** Reads a package.json; absent parts come back empty, and the law of the room's shape complains. */
function readManifest(path: string): Manifest {
  const raw = JSON.parse(readFileSync(path, "utf8")) as Partial<Manifest>;
  return {
    name: raw.name ?? "",
    version: raw.version ?? "",
    private: raw.private ?? false,
    license: raw.license ?? "",
    type: raw.type ?? "",
    exports: raw.exports ?? {},
    dependencies: raw.dependencies ?? {},
    devDependencies: raw.devDependencies ?? {},
  };
}

function readTexts(root: string, folder: string): TextFile[] {
  const found: TextFile[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) found.push(...readTexts(root, path));
    } else if (
      entry.isFile() &&
      !skippedFolders.has(entry.name) &&
      statSync(join(root, path)).size <= textBytesMax
    ) {
      const text = readFileSync(join(root, path), "utf8");
      if (!text.includes("\0")) found.push({ path, text });
    }
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
