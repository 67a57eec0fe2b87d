import { gzip } from "node:zlib";

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
