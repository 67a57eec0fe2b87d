import type { HttpReply } from "./types.ts";
import { textReply } from "./standard-replies.ts";

/** A media type as a header names it. */
export interface ContentType {
  /** Type and subtype in lower case, e.g. `application/json`. */
  readonly type: string;
  /** Parameters by lower-case name, e.g. `charset`; quotes removed. */
  readonly parameters: Readonly<Record<string, string>>;
}

const MEDIA_TYPE = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/u;

/** The media type of a Content-Type header, or undefined when it is malformed. */
export function parseContentType(header: string): ContentType | undefined {
  const [first = "", ...rest] = header.split(";");
  const type = first.trim().toLowerCase();
  if (!MEDIA_TYPE.test(type)) return undefined;
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const equals = part.indexOf("=");
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim().toLowerCase();
    parameters[name] = part
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/u, "$1");
  }
  return { type, parameters };
}

/** A range of an Accept header and its quality, 0 to 1. */
interface AcceptRange {
  readonly range: string;
  readonly quality: number;
}

function parseAccept(header: string): AcceptRange[] {
  const ranges: AcceptRange[] = [];
  for (const part of header.split(",")) {
    const parsed = parseContentType(part);
    if (parsed === undefined) continue;
    const quality = Number(parsed.parameters.q ?? "1");
    ranges.push({ range: parsed.type, quality: quality >= 0 && quality <= 1 ? quality : 0 });
  }
  return ranges;
}

/**
 * The one of `offered` (in order of preference) that an Accept header likes best, or undefined when
 * it excludes all. An absent header accepts everything; the most specific range decides about a
 * type; a quality of 0 excludes (RFC 9110 §12.5.1). Malformed ranges are ignored.
 */
export function negotiate(
  acceptHeader: string | undefined,
  offered: readonly string[],
): string | undefined {
  if (acceptHeader === undefined || acceptHeader.trim() === "") return offered[0];
  const ranges = parseAccept(acceptHeader);
  let best: string | undefined;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

function qualityOf(type: string, ranges: readonly AcceptRange[]): number {
  const family = `${type.slice(0, type.indexOf("/"))}/*`;
  for (const wanted of [type, family, "*/*"]) {
    const qualities = ranges.filter(({ range }) => range === wanted).map(({ quality }) => quality);
    if (qualities.length > 0) return Math.max(...qualities);
  }
  return 0;
}

/** The answer to a request without a Content-Type, in Mesos's words. */
export function missingContentTypeReply(): HttpReply {
  return textReply(400, "Expecting 'Content-Type' to be present");
}

/** The answer to a Content-Type that is not among `supported`, in Mesos's words. */
export function unsupportedMediaTypeReply(supported: readonly string[]): HttpReply {
  return textReply(415, `Expecting 'Content-Type' of ${supported.join(" or ")}`);
}

/** The answer to an Accept header that excludes all of `offered`, in Mesos's words. */
export function notAcceptableReply(offered: readonly string[]): HttpReply {
  return textReply(
    406,
    `Expecting 'Accept' to allow ${offered.map((type) => `'${type}'`).join(" or ")}`,
  );
}
