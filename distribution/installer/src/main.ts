import { runOwnCommand } from "./commands.ts";
import { clusterDir } from "./cluster-dir.ts";
import { isOwnCommand } from "./options.ts";

/** The program behind `./tutti`: its own commands, and everything else through the command line interface. */
const [command, ...args] = process.argv.slice(2);
if (isOwnCommand(command)) process.exitCode = await runOwnCommand(command, args);
else {
  const { runCli } = await import("@tutti/cli");
  process.exitCode = await runCli(process.argv.slice(2), { dir: clusterDir(undefined) });
}
