import { existsSync, readdirSync, readFileSync } from "node:fs";

const root = new URL("../../golden/mesos/", import.meta.url);

/** One recorded exchange of real Mesos. */
export interface GoldenExchange {
  readonly file: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: { readonly text?: string; readonly json?: unknown } | null;
  };
  readonly events?: readonly { readonly dir: string; readonly body: unknown }[];
}

/** One recorded file, such as `errors/master_404.json`. */
export function readExchange(file: string): GoldenExchange {
  const text = readFileSync(new URL(file, root), "utf8");
  return { file, ...(JSON.parse(text) as Omit<GoldenExchange, "file">) };
}

/** Recorded files of a folder that begin with `prefix`. */
export function exchangesIn(folder: string, prefix = ""): GoldenExchange[] {
  const url = new URL(`${folder}/`, root);
  if (!existsSync(url)) throw new Error(`no recorded folder ${folder}`);
  return readdirSync(url)
    .filter((name) => name.startsWith(prefix))
    .toSorted()
    .map((name) => readExchange(`${folder}/${name}`));
}

/** The bytes that were sent. */
export function bodyOf({ file, request }: GoldenExchange): string | Uint8Array | undefined {
  const { body } = request;
  if (body === null || body === undefined) return undefined;
  // The recording kept a JSON text as the text itself; this file is the one that sent JSON.
  if (file.endsWith("master_json_string.json")) return JSON.stringify(body);
  if (typeof body === "string") return body;
  const { base64 } = body as { readonly base64?: string };
  return base64 === undefined ? JSON.stringify(body) : Buffer.from(base64, "base64");
}

/** A recorded header, by its name in any case. */
export function headerOf(exchange: GoldenExchange, name: string): string | undefined {
  return exchange.response.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}
