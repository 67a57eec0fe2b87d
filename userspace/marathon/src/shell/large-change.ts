import { Fault, utf8Decode, utf8Encode } from "@tutti/base";
import type { Coordination, RecordWrite } from "@tutti/coordination";
import type { MarathonEntry } from "../core/index.ts";
import { limits } from "./limits.ts";

/** Where a change too large for one atomic write stands until it is applied; outside of the state's own root. */
const root = "marathon-change/";
const pointerPath = `${root}committed`;
const piecePrefix = `${root}pieces/`;

/** Applies writes or none of them; throws a `Fault` when another one leads. */
export type AtomicWrite = (writes: readonly RecordWrite[]) => Promise<void>;

/** The pointer: while it is there, the change is decided and must be applied to its end. */
interface Pointer {
  readonly schema: 1;
  readonly pieceCount: number;
}

/**
 * Makes a change of any size durable as if by one atomic write: immutable pieces first, then one small
 * pointer that decides, then the change itself, which can be repeated, then the pointer and pieces go.
 */
export async function writeLargeChange(
  entries: readonly MarathonEntry[],
  write: AtomicWrite,
): Promise<void> {
  const pieces = piecesOf(entries);
  for (const [index, value] of pieces.entries())
    await write([{ type: "put", path: piecePath(index), value }]);
  const pointer: Pointer = { schema: 1, pieceCount: pieces.length };
  await write([{ type: "put", path: pointerPath, value: utf8Encode(JSON.stringify(pointer)) }]);
  await applyAndForget(entries, pieces.length, write);
}

/** Ends a large change that a crash cut off: applies a decided one, forgets one that was not. */
export async function finishLargeChange(
  coordination: Coordination,
  write: AtomicWrite,
): Promise<void> {
  const pieces = await coordination.list(piecePrefix);
  const pointer = await coordination.read(pointerPath);
  if (pointer === undefined) {
    await inChunks(
      pieces.map(({ path }) => ({ type: "delete", path })),
      write,
    );
    return;
  }
  const { pieceCount } = JSON.parse(utf8Decode(pointer.value)) as Pointer;
  if (pieces.length < pieceCount)
    throw new Fault("RECORDS", `A decided change has ${pieces.length} of ${pieceCount} pieces.`, {
      retryable: false,
    });
  await applyAndForget(
    entriesOf(pieces.slice(0, pieceCount).map(({ value }) => value)),
    pieces.length,
    write,
  );
}

async function applyAndForget(
  entries: readonly MarathonEntry[],
  pieceCount: number,
  write: AtomicWrite,
): Promise<void> {
  await inChunks(entries, write);
  await write([{ type: "delete", path: pointerPath }]);
  const pieces = Array.from({ length: pieceCount }, (_, index) => piecePath(index));
  await inChunks(
    pieces.map((path) => ({ type: "delete", path })),
    write,
  );
}

function piecePath(index: number): string {
  return piecePrefix + String(index).padStart(6, "0");
}

/** Whether the entries are more than one atomic write may hold. */
export function isLargeChange(entries: readonly MarathonEntry[]): boolean {
  if (entries.length > limits.writeRecordsMax) return true;
  return entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > limits.writeBytesMax;
}

function sizeOf(entry: RecordWrite): number {
  return entry.type === "put" ? entry.value.length : 0;
}

async function inChunks(entries: readonly RecordWrite[], write: AtomicWrite): Promise<void> {
  let chunk: RecordWrite[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    if (chunk.length >= limits.writeRecordsMax || bytes + size > limits.writeBytesMax) {
      await write(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(entry);
    bytes += size;
  }
  if (chunk.length > 0) await write(chunk);
}

/** Each entry as a line of JSON (`path`, and `bytes` of the value that follows, or null for a removal). */
function piecesOf(entries: readonly MarathonEntry[]): readonly Uint8Array[] {
  const parts = entries.flatMap((entry) => {
    const bytes = entry.type === "put" ? entry.value.length : null;
    const head = utf8Encode(`${JSON.stringify({ path: entry.path, bytes })}\n`);
    return entry.type === "put" ? [head, entry.value] : [head];
  });
  const all = joined(parts);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += limits.pieceBytes)
    pieces.push(all.subarray(at, at + limits.pieceBytes));
  return pieces;
}

function entriesOf(pieces: readonly Uint8Array[]): readonly MarathonEntry[] {
  const all = joined(pieces);
  const entries: MarathonEntry[] = [];
  let at = 0;
  while (at < all.length) {
    const lineEnd = all.indexOf(0x0a, at);
    const head = JSON.parse(utf8Decode(all.subarray(at, lineEnd))) as {
      readonly path: string;
      readonly bytes: number | null;
    };
    at = lineEnd + 1;
    if (head.bytes === null) entries.push({ type: "delete", path: head.path });
    else {
      entries.push({ type: "put", path: head.path, value: all.slice(at, at + head.bytes) });
      at += head.bytes;
    }
  }
  return entries;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
