import { ok, refuse, type Result } from "@tutti/base";
import { processNames, type ProcessName } from "./config.ts";

/** What the command line asks for. */
export interface NodeArguments {
  readonly name: ProcessName;
  readonly configPath: string;
}

/** Reads `<master|agent|services|node> --config FILE`. */
export function parseNodeArguments(args: readonly string[]): Result<NodeArguments> {
  const [word, option, configPath, ...rest] = args;
  const name = processNames.find((known) => known === word);
  if (name === undefined || option !== "--config" || configPath === undefined || rest.length > 0)
    return refuse("USAGE", `usage: <${processNames.join("|")}> --config FILE`);
  return ok({ name, configPath });
}
