import { readFile } from "node:fs/promises";
import { ok } from "@tutti/base";
import type { CliContext } from "./context.ts";
import { limits } from "./limits.ts";
import { type Outcome, refused } from "./refusal.ts";

/** A JSON object as a user wrote it. */
export type Definition = Readonly<Record<string, unknown>>;

/** Reads an app definition from a file, or from standard input when `path` is `-`. */
export async function readDefinition(
  context: CliContext,
  path: string,
): Promise<Outcome<Definition>> {
  const text = path === "-" ? await readStdin(context) : await readFileText(path);
  if (!text.ok) return text;
  const name = path === "-" ? "Standard input" : path;
  if (Buffer.byteLength(text.value) > limits.definitionBytesMax) {
    return refused("INVALID_DEFINITION", `${name} is larger than an app definition may be.`);
  }
  try {
    const value: unknown = JSON.parse(text.value);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return ok(value as Definition);
    }
    return refused("INVALID_DEFINITION", `${name} does not hold one app definition.`, {
      hint: 'It should be one JSON object, such as {"id": "/web", "cmd": "sleep 1000"}.',
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return refused("INVALID_DEFINITION", `${name} is not JSON: ${reason}.`);
  }
}

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is no directory",
  EACCES: "you may not read it",
  ELOOP: "its links go in a circle",
};

async function readFileText(path: string): Promise<Outcome<string>> {
  try {
    return ok(await readFile(path, "utf8"));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const reason = fileReasons[code] ?? code;
    return refused("FILE_UNREADABLE", `${path} cannot be read: ${reason}.`, {
      hint: "Give the path of a JSON file, or - for standard input.",
    });
  }
}

async function readStdin(context: CliContext): Promise<Outcome<string>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of context.stdin) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > limits.definitionBytesMax) break;
    parts.push(bytes);
  }
  if (size <= limits.definitionBytesMax) return ok(Buffer.concat(parts).toString("utf8"));
  return refused("INVALID_DEFINITION", "Standard input is larger than an app definition may be.");
}
