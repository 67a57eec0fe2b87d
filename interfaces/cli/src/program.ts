import { Command, InvalidArgumentError, Option } from "commander";
import type { CommandOptions } from "./command.ts";
import {
  type CommandSpec,
  commandTable,
  launcherCommands,
  nouns,
  type OptionSpec,
  targetOptions,
} from "./command-table.ts";

/** A command that was called as it should be. */
export interface Call {
  readonly spec: CommandSpec;
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

/** What the program needs to tell of a command line. */
export interface ProgramParts {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  readonly onCall: (call: Call) => void;
  readonly onLauncherCommand: (name: string) => void;
}

/** The command line as commander understands it. Parsing throws `CommanderError` for help and wrong usage. */
export function createProgram(parts: ProgramParts): Command {
  const program = new Command("tutti");
  program.description("Many Linux machines, one computer.");
  configure(program, parts);
  program.commandsGroup("Commands:");
  for (const spec of commandTable) if (spec.verb === "") addLeaf(program, spec, parts);
  for (const [noun, summary] of Object.entries(nouns)) {
    const group = program.command(noun).description(summary);
    configure(group, parts);
    for (const spec of commandTable) if (spec.noun === noun) addLeaf(group, spec, parts);
  }
  program.commandsGroup("The cluster of this directory:");
  for (const { name, summary } of launcherCommands) {
    program
      .command(name)
      .description(summary)
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => parts.onLauncherCommand(name));
  }
  program.addHelpText("after", helpTail);
  return program;
}

const helpTail = `
Begin with:
  $ ./tutti up
  $ ./tutti app add web.json
  $ ./tutti task log /web --follow

Help for one command: ./tutti app add --help`;

function configure(command: Command, parts: ProgramParts): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: parts.writeOut, writeErr: parts.writeErr })
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError(true)
    .helpCommand(command.parent === null)
    .helpOption("-h, --help", "show this help");
  command.optionsGroup("Options:");
  for (const spec of targetOptions) command.addOption(optionOf(spec));
}

function addLeaf(group: Command, spec: CommandSpec, parts: ProgramParts): void {
  const name = spec.verb === "" ? spec.noun : spec.verb;
  const leaf = group.command(`${name} ${spec.args}`.trim()).description(spec.summary);
  for (const option of spec.options) leaf.addOption(optionOf(option));
  configure(leaf, parts);
  const examples = spec.examples.map((example) => `  $ ./${example}`).join("\n");
  leaf.addHelpText("after", `\nExamples:\n${examples}`);
  leaf.action(() => {
    const options: CommandOptions = leaf.optsWithGlobals();
    parts.onCall({ spec, args: leaf.args, options });
  });
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.summary);
  if (spec.value === "seconds") option.argParser(parseSeconds);
  if (spec.value === "duration") option.argParser(parseDuration);
  if (spec.value === "lines") option.argParser(parseLines);
  return option;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new InvalidArgumentError("Give a number of seconds above zero.");
}

const secondsOfUnit: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** In seconds; a number alone is one of seconds. */
function parseDuration(text: string): number {
  const [, amount, unit = "s"] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  const seconds = Number(amount) * (secondsOfUnit[unit] ?? Number.NaN);
  if (Number.isFinite(seconds)) return seconds;
  throw new InvalidArgumentError("Give a time such as 90s, 5m or 1h, not below zero.");
}

function parseLines(text: string): number | "all" {
  if (text === "all") return "all";
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a number of lines, or all.");
}
