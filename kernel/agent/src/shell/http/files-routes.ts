import { setImmediate, setTimeout } from "node:timers/promises";
import type { HttpReply, HttpRequest, Route, StreamWriter } from "@tutti/http";
import { notFoundReply, textReply } from "@tutti/http";
import { listSandboxPaths } from "../../core/index.ts";
import type { AgentView } from "../../core/index.ts";
import { limits } from "../limits.ts";
import type { AccountNames } from "./accounts.ts";
import { formatMode } from "./file-mode.ts";
import { jsonpReply } from "./reply-json.ts";
import { listPlace, openPlace, readPlace } from "./sandbox-files.ts";
import type { OpenPlace } from "./sandbox-files.ts";
import { splitUtf8 } from "./split-utf8.ts";

/** What the files API needs. */
export interface FilesPorts {
  /** A look at what is durable. */
  readonly look: () => Promise<AgentView>;
  readonly accounts: AccountNames;
}

/** The routes under `/files`: reading only. Rule AGT32. */
export function filesRoutes(ports: FilesPorts): readonly Route[] {
  const downloads = { count: 0 };
  return [
    { path: "/files/browse", methods: { GET: (request) => browse(ports, request) } },
    { path: "/files/read", methods: { GET: (request) => read(ports, request) } },
    {
      path: "/files/download",
      methods: { GET: (request) => download(ports, request, downloads) },
      streamBufferedBytesMax: limits.downloadChunkBytes,
    },
    {
      path: "/files/debug",
      methods: {
        GET: async (request) => jsonpReply(request, listSandboxPaths(await ports.look())),
      },
    },
  ];
}

async function browse(ports: FilesPorts, request: HttpRequest): Promise<HttpReply> {
  return atPlace(ports, request, async (place, path) => {
    const { accounts } = ports;
    if (!place.stats.isDirectory()) return jsonpReply(request, []);
    const entries = await listPlace(place);
    return jsonpReply(
      request,
      entries.map(({ name, stats }) => ({
        gid: accounts.group(stats.gid),
        mode: formatMode(stats.mode),
        mtime: Math.floor(stats.mtimeMs / 1000),
        nlink: stats.nlink,
        path: `${path.replace(/\/$/, "")}/${name}`,
        size: stats.size,
        uid: accounts.user(stats.uid),
      })),
    );
  });
}

async function read(ports: FilesPorts, request: HttpRequest): Promise<HttpReply> {
  const offset = numberOf(request, "offset", -1);
  if (typeof offset === "string") return textReply(400, offset);
  const length = numberOf(request, "length", undefined);
  if (typeof length === "string") return textReply(400, length);
  if (offset !== undefined && offset < -1) {
    return textReply(400, `Negative offset provided: ${offset}.\n`);
  }
  return atPlace(ports, request, async (place) => {
    if (place.stats.isDirectory()) return textReply(400, "Cannot read a directory.\n");
    if (offset === undefined || offset === -1) {
      return jsonpReply(request, { data: "", offset: place.stats.size });
    }
    const bytes = await readPlace(place, offset, length);
    const isEnd = offset + bytes.length >= place.stats.size;
    return jsonpReply(request, { data: splitUtf8(bytes, isEnd).toString("utf8"), offset });
  });
}

/** Streams the file as it is now, at the pace of the client. */
async function download(
  ports: FilesPorts,
  request: HttpRequest,
  downloads: { count: number },
): Promise<HttpReply> {
  const path = request.query.get("path");
  if (path === null) return textReply(400, "Expecting 'path=value' in query.\n");
  if (downloads.count >= limits.downloadsAtOnceMax) {
    return textReply(503, "Too many downloads at once: try again later.\n", { "Retry-After": "5" });
  }
  const opened = await openPlace(await ports.look(), path);
  if (!opened.ok) {
    return opened.error.code === "NOT_FOUND"
      ? notFoundReply()
      : textReply(400, opened.error.message);
  }
  const place = opened.value;
  if (place.stats.isDirectory()) {
    await place.handle.close();
    return textReply(400, "Cannot download a directory.\n");
  }
  const name = place.path.slice(place.path.lastIndexOf("/") + 1);
  const headers = {
    "Content-Type": name.endsWith(".txt") ? "text/plain" : "application/octet-stream",
    "Content-Disposition": `attachment; filename=${fileNameOf(name)}`,
    "Content-Length": String(place.stats.size),
    "X-Content-Type-Options": "nosniff",
  };
  if (request.method === "HEAD") {
    await place.handle.close();
    return { status: 200, headers, stream: (writer) => writer.end() };
  }
  downloads.count += 1;
  const stream = (writer: StreamWriter): void => {
    pour(place, writer)
      .catch(() => writer.destroy())
      .then(() => place.handle.close())
      .catch(() => undefined)
      .finally(() => {
        downloads.count -= 1;
      });
  };
  return { status: 200, headers, stream };
}

/**
 * Sends as many bytes as were promised; a file that has shrunk cuts the connection. One buffer serves
 * the whole download: it is filled again when the system has taken all of it.
 */
async function pour(place: OpenPlace, writer: StreamWriter): Promise<void> {
  const buffer = Buffer.alloc(Math.min(limits.downloadChunkBytes, place.stats.size));
  let offset = 0;
  while (offset < place.stats.size && !writer.closed.aborted) {
    const wanted = Math.min(buffer.length, place.stats.size - offset);
    const { bytesRead } = await place.handle.read(buffer, 0, wanted, offset);
    if (bytesRead === 0) throw new Error("the file has shrunk");
    writer.write(buffer.subarray(0, bytesRead));
    offset += bytesRead;
    await taken(writer);
  }
  writer.end();
}

/**
 * Waits until the system has taken all for the client; throws when it takes nothing for too long. A
 * fast client is looked at again at once, a slow one less and less often.
 */
async function taken(writer: StreamWriter): Promise<void> {
  let waitedMs = 0;
  let before = writer.bufferedBytes;
  for (let look = 0; writer.bufferedBytes > 0 && !writer.closed.aborted; look += 1) {
    const looksLeft = look - limits.downloadLooksAtOnce;
    if (looksLeft < 0) {
      await setImmediate();
      continue;
    }
    const pauseMs = Math.min(2 ** Math.min(looksLeft, 10), limits.downloadPauseMsMax);
    await setTimeout(pauseMs);
    waitedMs = writer.bufferedBytes < before ? 0 : waitedMs + pauseMs;
    before = writer.bufferedBytes;
    if (waitedMs > limits.downloadStallMs) throw new Error("the client takes nothing");
  }
}

async function atPlace(
  ports: FilesPorts,
  request: HttpRequest,
  show: (place: OpenPlace, path: string) => Promise<HttpReply>,
): Promise<HttpReply> {
  const path = request.query.get("path");
  if (path === null || path === "") return textReply(400, "Expecting 'path=value' in query.\n");
  const opened = await openPlace(await ports.look(), path);
  if (!opened.ok) {
    return textReply(opened.error.code === "NOT_FOUND" ? 404 : 400, opened.error.message);
  }
  try {
    return await show(opened.value, path);
  } finally {
    await opened.value.handle.close();
  }
}

/** A number of the query, its default, or Mesos's words about what is none. */
function numberOf<Default>(
  request: HttpRequest,
  name: string,
  fallback: Default,
): number | Default | string {
  const text = request.query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  return text.trim() !== "" && Number.isSafeInteger(value)
    ? value
    : `Failed to parse ${name}: Failed to convert '${text}' to number.\n`;
}

/** A name that needs quotes gets them; what a header cannot carry is replaced. */
function fileNameOf(name: string): string {
  if (/^[\w.+~-]+$/.test(name)) return name;
  return `"${name.replaceAll(/[^\x20-\x7e]|["\\]/g, "_")}"`;
}
