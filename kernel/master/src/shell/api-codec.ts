import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import {
  missingContentTypeReply,
  negotiate,
  notAcceptableReply,
  parseContentType,
  textReply,
  unsupportedMediaTypeReply,
} from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import { codecFor, jsonMediaType, protobufMediaType } from "@tutti/mesos-v1";
import type { Codec, CodecRefusal, MessageDescriptor } from "@tutti/mesos-v1";

/** A call that was read, and the codec its answer is wanted in. */
export interface DecodedCall<T> {
  readonly call: T;
  readonly answerCodec: Codec;
}

/** A reply in place of an answer. */
interface ReplyRefusal {
  readonly reply: HttpReply;
}

type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ReplyRefusal };

/** Reads a call of a v1 API by its Content-Type and negotiates the answer's, in Mesos's words. */
export function decodeCall<T>(
  descriptor: MessageDescriptor<T>,
  request: HttpRequest,
): Decoded<DecodedCall<T>> {
  const codec = requestCodec(request.headers["content-type"]);
  if (!codec.ok) return codec;
  const call = codec.value.decode(descriptor, request.body);
  if (!call.ok) return { ok: false, error: { reply: textReply(400, textOf(call.error)) } };
  const wanted = negotiate(request.headers["accept"], [jsonMediaType, protobufMediaType]);
  const answerCodec = wanted === undefined ? undefined : codecFor(wanted);
  if (answerCodec === undefined) {
    return { ok: false, error: { reply: notAcceptableReply([protobufMediaType, jsonMediaType]) } };
  }
  return ok({ call: call.value, answerCodec });
}

function requestCodec(header: string | undefined): Decoded<Codec> {
  if (header === undefined) return { ok: false, error: { reply: missingContentTypeReply() } };
  const codec = codecFor(parseContentType(header)?.type ?? "");
  if (codec !== undefined) return ok(codec);
  return {
    ok: false,
    error: { reply: unsupportedMediaTypeReply([jsonMediaType, protobufMediaType]) },
  };
}

function textOf({ code, message }: CodecRefusal): string {
  switch (code) {
    case "JSON_SYNTAX":
      return `Failed to parse body into JSON: ${message}`;
    case "JSON_SHAPE":
    case "MISSING_REQUIRED":
    case "TOO_DEEP":
      return `Failed to convert JSON into Call protobuf: ${message}`;
    case "PROTOBUF_SYNTAX":
      return "Failed to parse body into Call protobuf";
  }
}

/** A callback name that a browser may be told to call: an identifier, or a path of them. */
export function parseCallback(name: string): Result<string> {
  return /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/u.test(name) && name.length <= 128
    ? ok(name)
    : refuse("INVALID_CALLBACK", "The value of 'jsonp' is not the name of a function");
}
