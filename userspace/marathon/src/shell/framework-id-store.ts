import { utf8Decode, utf8Encode } from "@tutti/base";
import type { Coordination } from "@tutti/coordination";
import type { FrameworkIdStore } from "@tutti/sdk";
import { recordPaths } from "../core/index.ts";
import type { RecordWriter } from "./record-writer.ts";

/** Keeps the framework id beside Marathon's other records. */
export function frameworkIdStore(
  coordination: Coordination,
  writer: RecordWriter,
): FrameworkIdStore {
  const path = recordPaths.frameworkId;
  return {
    async load() {
      const record = await coordination.read(path);
      return record === undefined ? undefined : utf8Decode(record.value);
    },
    save(frameworkId) {
      return writer.write([
        frameworkId === undefined
          ? { type: "delete", path }
          : { type: "put", path, value: utf8Encode(frameworkId) },
      ]);
    },
  };
}
