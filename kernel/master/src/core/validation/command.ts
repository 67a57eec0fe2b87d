import type { CommandInfo } from "@tutti/mesos-v1";

/** What is wrong with a task's command; undefined when nothing is. Rule MST55. */
export function faultOfCommand(command: CommandInfo | undefined): string | undefined {
  if (command === undefined) return undefined;
  for (const uri of command.uris ?? []) {
    if (uri.output_file !== undefined && uri.output_file.startsWith("/")) {
      return "Task's `CommandInfo` is invalid: URI 'output_file' cannot be an absolute path";
    }
    if (uri.output_file?.split("/").includes("..") === true) {
      return "Task's `CommandInfo` is invalid: URI 'output_file' cannot be outside of the sandbox";
    }
  }
  for (const variable of command.environment?.variables ?? []) {
    const fault = faultOfVariable(variable);
    if (fault !== undefined) return `Task's \`CommandInfo\` is invalid: ${fault}`;
  }
  return undefined;
}

function faultOfVariable(variable: {
  readonly name: string;
  readonly type?: string;
  readonly value?: string;
  readonly secret?: unknown;
}): string | undefined {
  const { name, type = "VALUE", value, secret } = variable;
  switch (type) {
    case "SECRET":
      return secret === undefined
        ? `Environment variable '${name}' of type 'SECRET' must have a secret set`
        : "Environment variables of type 'SECRET' are not supported by this release";
    case "VALUE":
      if (value === undefined) {
        return `Environment variable '${name}' of type 'VALUE' must have a value set`;
      }
      return secret === undefined
        ? undefined
        : `Environment variable '${name}' of type 'VALUE' must not have a secret set`;
    default:
      return "Environment variable of type 'UNKNOWN' is not allowed";
  }
}
