import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, clusterDir } from "./cluster-dir.ts";
import { runOwnCommand } from "./commands.ts";
import { helpOf } from "./help.ts";
import { isOwnCommand, optionNames } from "./options.ts";
import { commandFirst } from "./command-first.ts";

/** The program behind `./tutti`: its own commands, and everything else through the command line interface. */
const argv = commandFirst(process.argv.slice(2));
const [command, ...args] = argv;
if (isOwnCommand(command)) process.exitCode = await runOwnCommand(command, args);
else if (command === "help" && isOwnCommand(args[0])) process.stdout.write(helpOf(args[0]));
else if (command === "--version") process.stdout.write(`tutti ${release()}\n`);
else {
  const { runCli } = await import("@tutti/cli");
  const launcherOptions = Object.fromEntries(
    Object.entries(optionNames).map(([name, { values, flags }]) => [name, [...values, ...flags]]),
  );
  // The first Ctrl-C ends the command with a word about what goes on; a second one ends the process.
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  process.exitCode = await runCli(argv, {
    dir: clusterDir(undefined),
    launcherOptions,
    goneMachines: async (dir) => (await import("./gone-machines.ts")).goneMachines(clusterDir(dir)),
    signal: interrupt.signal,
  });
}

function release(): string {
  const text = readFileSync(join(checkout, "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
