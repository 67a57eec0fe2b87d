import type { Refusal } from "@tutti/base";

/**
 * Why bytes or text are no message: broken JSON; JSON of another shape; a required field is missing;
 * broken Protocol Buffers; nested deeper than `depthMax`.
 */
export type CodecRefusalCode =
  | "JSON_SYNTAX"
  | "JSON_SHAPE"
  | "MISSING_REQUIRED"
  | "PROTOBUF_SYNTAX"
  | "TOO_DEEP";

/** A refusal of a codec; its message is Mesos's own text wherever Mesos has one. */
export type CodecRefusal = Refusal<CodecRefusalCode>;
