import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { ContainerSpec, LogBound } from "@tutti/containerizer/core";
import { limits } from "./limits.ts";

/**
 * How much of a task's output is kept, from the variables that the container loggers of Mesos and DC/OS
 * read: `CONTAINER_LOGGER_MAX_STDOUT_SIZE` (DC/OS: `CONTAINER_LOGGER_LOGROTATE_MAX_STDOUT_SIZE`), a number
 * with B, KB, MB, GB or TB, and of `CONTAINER_LOGGER_LOGROTATE_STDOUT_OPTIONS` the directive `rotate N`; the same
 * with STDERR. Undefined when there are none. Refuses (TASK_INVALID) what is no size or out of bounds.
 * Rule AGT26.
 */
export function logBoundsOf(
  variables: Readonly<Record<string, string>>,
): Result<ContainerSpec["logs"]> {
  const stdout = boundOf(variables, "STDOUT");
  if (!stdout.ok) return stdout;
  const stderr = boundOf(variables, "STDERR");
  if (!stderr.ok) return stderr;
  if (stdout.value === undefined && stderr.value === undefined) return ok(undefined);
  const byDefault = limits.logBoundDefault;
  return ok({ stdout: stdout.value ?? byDefault, stderr: stderr.value ?? byDefault });
}

const namesOf = { STDOUT: namesFor("STDOUT"), STDERR: namesFor("STDERR") };

/** The variables of one output, the one that wins first. */
function namesFor(output: string): { readonly sizes: readonly string[]; readonly options: string } {
  return {
    sizes: [`CONTAINER_LOGGER_LOGROTATE_MAX_${output}_SIZE`, `CONTAINER_LOGGER_MAX_${output}_SIZE`],
    options: `CONTAINER_LOGGER_LOGROTATE_${output}_OPTIONS`,
  };
}

function boundOf(
  variables: Readonly<Record<string, string>>,
  output: "STDOUT" | "STDERR",
): Result<LogBound | undefined> {
  const { sizes, options: optionsName } = namesOf[output];
  const sizeName = sizes.find((name) => variables[name] !== undefined);
  const size = sizeName === undefined ? undefined : variables[sizeName];
  const rotate = /(?:^|\n)\s*rotate\s+(\d+)\s*(?:\n|$)/.exec(variables[optionsName] ?? "")?.[1];
  if (size === undefined && rotate === undefined) return ok(undefined);
  const bytesMax = size === undefined ? limits.logBoundDefault.bytesMax : bytesOf(size);
  if (bytesMax === undefined || bytesMax < limits.logBytesMin || bytesMax > limits.logBytesMax) {
    return refuse(
      "TASK_INVALID",
      `'${sizeName ?? ""}' must be a size between 4KB and 1GB such as '2MB', not '${size ?? ""}'`,
    );
  }
  const filesMax = rotate === undefined ? limits.logBoundDefault.filesMax : Number(rotate) + 1;
  if (filesMax > limits.logFilesMax) {
    return refuse(
      "TASK_INVALID",
      `'${optionsName}' must keep no more than ${limits.logFilesMax - 1} rotated files`,
    );
  }
  return ok({ bytesMax, filesMax });
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

function bytesOf(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,15})([KMGT]?B)$/.exec(text.trim()) ?? [];
  const factor = units[unit];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}
