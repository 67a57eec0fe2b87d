// Writes the generated files: node tools/gen/src/main.ts
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { expectedMesosV1Files, mesosV1Generated } from "./generated-files.ts";

const files = await expectedMesosV1Files();
await mkdir(mesosV1Generated, { recursive: true });
for (const name of await readdir(mesosV1Generated)) {
  if (!files.has(name)) await rm(new URL(name, mesosV1Generated));
}
for (const [name, text] of files) await writeFile(new URL(name, mesosV1Generated), text);
