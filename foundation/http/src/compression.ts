import { gunzip, gzip } from "node:zlib";

/** Fast rather than small: a cluster's network is fast and its processor is shared. */
const GZIP_LEVEL = 1;

/** Whether an answer of this type gets smaller when it is compressed. */
export function isCompressible(contentType: string): boolean {
  return /^(?:text\/|application\/(?:json|javascript))/u.test(contentType);
}

/** Whether an Accept-Encoding header allows gzip. */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(",")) {
    const [coding = "", parameter = ""] = part.split(";");
    const weight = /^\s*q\s*=\s*([0-9.]+)\s*$/u.exec(parameter);
    weights.set(coding.trim(), weight === null ? 1 : Number(weight[1]));
  }
  return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}

/** Compresses `body` off the main thread. */
export function compress(body: string | Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(body, { level: GZIP_LEVEL }, (error, compressed) => {
      if (error === null) resolve(compressed);
      else reject(error);
    });
  });
}

/** The coding that a Content-Encoding header names; undefined: one that is not understood. */
export function codingOf(header: string | undefined): "identity" | "gzip" | undefined {
  if (header === undefined) return "identity";
  const coding = header.trim().toLowerCase();
  if (coding === "identity" || coding === "") return "identity";
  return coding === "gzip" || coding === "x-gzip" ? "gzip" : undefined;
}

/**
 * Unpacks `body` off the main thread, to at most `bytesMax` bytes: no more memory is taken for a
 * body that would become larger.
 */
export function decompress(
  body: Uint8Array,
  bytesMax: number,
): Promise<Uint8Array | "tooLarge" | "broken"> {
  return new Promise((resolve) => {
    gunzip(body, { maxOutputLength: Math.max(1, bytesMax) }, (error, plain) => {
      if (error === null) resolve(plain);
      else
        resolve("code" in error && error.code === "ERR_BUFFER_TOO_LARGE" ? "tooLarge" : "broken");
    });
  });
}
