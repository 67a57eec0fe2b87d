import { utf8Decode, utf8Encode } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { MessageDescriptor } from "./descriptor.ts";
import { fromProtobuf } from "./from-protobuf.ts";
import { parseJson } from "./parse-json.ts";
import type { CodecRefusal } from "./refusals.ts";
import { toJson } from "./to-json.ts";
import { toProtobuf } from "./to-protobuf.ts";

/** Media type of messages in JSON. */
export const jsonMediaType = "application/json";
/** Media type of messages in Protocol Buffers. */
export const protobufMediaType = "application/x-protobuf";

/** Turns messages into bytes and back. */
export interface Codec {
  readonly mediaType: string;
  encode<T>(descriptor: MessageDescriptor<T>, message: T): Uint8Array;
  decode<T>(descriptor: MessageDescriptor<T>, bytes: Uint8Array): Result<T, CodecRefusal>;
}

/** Messages in Mesos's JSON. */
export const jsonCodec: Codec = {
  mediaType: jsonMediaType,
  encode: (descriptor, message) => utf8Encode(toJson(descriptor, message)),
  decode: (descriptor, bytes) => parseJson(descriptor, utf8Decode(bytes)),
};

/** Messages in Protocol Buffers. */
export const protobufCodec: Codec = {
  mediaType: protobufMediaType,
  encode: toProtobuf,
  decode: fromProtobuf,
};

/** The codec of a media type without parameters; undefined when the API does not speak it. */
export function codecFor(mediaType: string): Codec | undefined {
  if (mediaType === jsonMediaType) return jsonCodec;
  return mediaType === protobufMediaType ? protobufCodec : undefined;
}
