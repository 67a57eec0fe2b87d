import { describe, expect, it } from "vitest";
import { logBoundsOf } from "./log-bounds.ts";

const byDefault = { bytesMax: 2 * 1024 * 1024, filesMax: 10 };

describe("[AGT26] bounds of a task's output", () => {
  it.each([
    [{}, undefined],
    [{ CONTAINER_LOGGER_DESTINATION_TYPE: "logrotate" }, undefined],
    [
      { CONTAINER_LOGGER_LOGROTATE_MAX_STDOUT_SIZE: "512KB" },
      { stdout: { bytesMax: 512 * 1024, filesMax: 10 }, stderr: byDefault },
    ],
    [
      {
        CONTAINER_LOGGER_MAX_STDERR_SIZE: "1GB",
        CONTAINER_LOGGER_LOGROTATE_STDERR_OPTIONS: "compress\nrotate 0\n",
      },
      { stdout: byDefault, stderr: { bytesMax: 1024 ** 3, filesMax: 1 } },
    ],
    [
      { CONTAINER_LOGGER_LOGROTATE_STDOUT_OPTIONS: "rotate 99" },
      { stdout: { ...byDefault, filesMax: 100 }, stderr: byDefault },
    ],
  ])("%j", (variables, logs) => {
    expect(logBoundsOf(variables)).toEqual({ ok: true, value: logs });
  });

  it.each([
    { CONTAINER_LOGGER_MAX_STDOUT_SIZE: "2 apples" },
    { CONTAINER_LOGGER_MAX_STDOUT_SIZE: "" },
    { CONTAINER_LOGGER_MAX_STDOUT_SIZE: "4095B" },
    { CONTAINER_LOGGER_MAX_STDERR_SIZE: "1TB" },
    { CONTAINER_LOGGER_LOGROTATE_STDERR_OPTIONS: "rotate 100" },
  ])("refuses %j", (variables) => {
    expect(logBoundsOf(variables)).toMatchObject({ ok: false, error: { code: "TASK_INVALID" } });
  });
});
