export { enums, messages } from "./descriptor.ts";
export type { EnumDescriptor, FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
export type * from "./gen/agent.ts";
export type * from "./gen/allocator.ts";
export type * from "./gen/executor.ts";
export type * from "./gen/maintenance.ts";
export type * from "./gen/master.ts";
export type * from "./gen/mesos.ts";
export type * from "./gen/protobuf.ts";
export type * from "./gen/quota.ts";
export type * from "./gen/resource-provider.ts";
export type * from "./gen/scheduler.ts";
export type { EnumTypes, MessageTypes } from "./gen/type-maps.ts";
export { parseJson } from "./parse-json.ts";
export type { CodecRefusal, CodecRefusalCode } from "./refusals.ts";
export { fromInt64, msOfNanoseconds, nanosecondsOf, toInt64 } from "./scalars.ts";
export type { Base64, Int64 } from "./scalars.ts";
export type { FieldLabel, FieldOptions, ScalarType } from "./schema-data.ts";
export { toJson } from "./to-json.ts";
export { toProtobuf } from "./to-protobuf.ts";
export { fromProtobuf } from "./from-protobuf.ts";
export { codecFor, jsonCodec, jsonMediaType, protobufCodec, protobufMediaType } from "./codec.ts";
export type { Codec } from "./codec.ts";
export {
  canTask,
  isTerminal,
  isUnreachable,
  stateForPartitionUnaware,
  taskCan,
  taskReasons,
  terminalTaskStates,
} from "./task-states.ts";
export type { TerminalTaskState } from "./task-states.ts";
export { healthLabels } from "./health-labels.ts";
