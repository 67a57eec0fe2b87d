import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../golden/mesos/", import.meta.url);

/** An entry of a recorded stream or conversation, in the order in which it was noted. */
export interface RecordedEntry {
  /** Seconds since the conversation began. */
  readonly t: number;
  readonly dir: string;
  readonly body: unknown;
}

/** One recorded exchange of real Mesos. */
export interface GoldenExchange {
  /** Folder and name, such as `errors/master_404.json`. */
  readonly file: string;
  readonly request: {
    /** 5050: the master; 5051: the agent. */
    readonly port?: number;
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: {
      readonly text?: string;
      readonly json?: unknown;
      readonly base64?: string;
    } | null;
  };
  readonly events?: readonly RecordedEntry[];
}

/** Folder and name of every recorded file, sorted. */
export function recordedFiles(): readonly string[] {
  return readdirSync(root, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(new URL(`${entry.name}/`, root)).map((name) => `${entry.name}/${name}`)
        : [entry.name],
    )
    .toSorted();
}

/** One recorded file, such as `errors/master_404.json`. */
export function readExchange(file: string): GoldenExchange {
  return { file, ...(readRecorded(file) as Omit<GoldenExchange, "file">) };
}

/** The JSON of a recorded file. */
export function readRecorded(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, root), "utf8")) as unknown;
}

/** Recorded files of a folder that begin with `prefix`. */
export function exchangesIn(folder: string, prefix = ""): GoldenExchange[] {
  const files = recordedFiles().filter((file) => file.startsWith(`${folder}/${prefix}`));
  if (files.length === 0) throw new Error(`no recorded files ${folder}/${prefix}…`);
  return files.map(readExchange);
}

/** The bytes that were sent. */
export function bodyOf({ file, request }: GoldenExchange): string | Uint8Array | undefined {
  const { body } = request;
  if (body === null || body === undefined) return undefined;
  // The recording kept a JSON text as the text itself; these files are those that sent JSON.
  if (file.endsWith("_json_string.json")) return JSON.stringify(body);
  if (typeof body === "string") return body;
  const { base64 } = body as { readonly base64?: string };
  return base64 === undefined ? JSON.stringify(body) : Buffer.from(base64, "base64");
}

/** A recorded header, by its name in any case. */
export function headerOf(exchange: GoldenExchange, name: string): string | undefined {
  return exchange.response.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** A recording in which ids of that day are replaced by those of now: pairs of theirs and ours. */
export function translate<Recorded>(
  recorded: Recorded,
  ids: Iterable<readonly [string, string]>,
): Recorded {
  let text = JSON.stringify(recorded);
  for (const [theirs, ours] of ids) {
    text = text.replaceAll(quoted(theirs), quoted(ours));
  }
  return JSON.parse(text) as Recorded;
}

/** As it stands within a JSON text. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
