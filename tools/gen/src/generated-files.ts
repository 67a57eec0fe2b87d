import { readdir, readFile } from "node:fs/promises";
import { format } from "oxfmt";
import { generateMesosV1 } from "./generate-mesos-v1.ts";

const mesosV1 = new URL("../../../protocol/mesos-v1/", import.meta.url);
const formatSettings = new URL("../../../.oxfmtrc.json", import.meta.url);

/** Folder of the generated files of `protocol/mesos-v1`. */
export const mesosV1Generated: URL = new URL("src/gen/", mesosV1);

/** What the generated files of `protocol/mesos-v1` should hold now, formatted, by file name. */
export async function expectedMesosV1Files(): Promise<ReadonlyMap<string, string>> {
  const schema = new URL("schema/", mesosV1);
  const names = (await readdir(schema)).filter((name) => name.endsWith(".proto")).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, schema), "utf8")));
  const settings = await readFormatSettings();
  const files = new Map<string, string>();
  for (const [name, text] of generateMesosV1(texts)) {
    const formatted = await format(name, text, settings);
    if (formatted.errors.length > 0) throw new Error(`${name}: ${formatted.errors[0]?.message}`);
    files.set(name, formatted.code);
  }
  return files;
}

async function readFormatSettings(): Promise<Record<string, unknown>> {
  const text = await readFile(formatSettings, "utf8").catch(() => "{}");
  const { ignorePatterns: _, ...settings } = JSON.parse(text) as Record<string, unknown>;
  return settings;
}
