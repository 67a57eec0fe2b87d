import { CommanderError } from "commander";
import { commandTable, nouns } from "./command-table.ts";
import type { CliContext } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import { Output } from "./output.ts";
import { type Call, createProgram } from "./program.ts";
import { type Outcome, refused } from "./refusal.ts";

/** What completion scripts call; no command for people. */
const completeCommand = "__complete";

/** The cluster's directory, and what shall not come from the process itself. */
export type CliSurroundings = Pick<CliContext, "dir"> & Partial<CliContext>;

/**
 * Runs one command line (without the program's name) and resolves with the exit code: 0 done, else one of
 * `exitCodes`. Writes answers to standard output, refusals and progress to standard error. Whoever ends the
 * process should set `process.exitCode` and let it end, so that nothing written is lost.
 */
export async function runCli(
  argv: readonly string[],
  surroundings: CliSurroundings,
): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const context: CliContext = { env, stdin, stdout, stderr, ...surroundings };
  const [first, ...words] = argv;
  if (first === completeCommand) {
    const { completeWords } = await import("./completion/complete.ts");
    await completeWords(words, context);
    return 0;
  }
  const end = argv.indexOf("--");
  const isJson = argv.slice(0, end < 0 ? argv.length : end).includes("--json");
  const output = new Output(context, isJson);
  const outcome = await run(argv, context, output);
  if (outcome.ok) return 0;
  if (output.closed.aborted) return 0;
  output.refusal(outcome.error);
  return exitCodes[outcome.error.code];
}

async function run(argv: readonly string[], context: CliContext, output: Output): Promise<Outcome> {
  const parsed = parse(argv, output);
  if (!parsed.ok) return parsed;
  if (parsed.value === undefined) return { ok: true, value: undefined };
  const { spec, args, options } = parsed.value;
  const { code } = spec;
  if (code.type === "local") return (await code.load())(output, args);
  const [{ findTarget }, { openSession }, handler] = await Promise.all([
    import("./target.ts"),
    import("./session.ts"),
    code.load(),
  ]);
  const target = await findTarget(context, options);
  if (!target.ok) return target;
  const outcome = await handler(openSession(context, target.value, output), args, options);
  return options.dir === undefined ? outcome : withDir(outcome, options.dir);
}

/** The way out leads to the same cluster. */
function withDir(outcome: Outcome, dir: string): Outcome {
  if (outcome.ok || outcome.error.hint === undefined) return outcome;
  const hint = outcome.error.hint.replaceAll("./tutti ", `./tutti --dir ${dir} `);
  return { ok: false, error: { ...outcome.error, hint } };
}

/** The call that a command line means; undefined when it asked for help and got it. */
function parse(argv: readonly string[], output: Output): Outcome<Call | undefined> {
  let called: Call | undefined;
  let launcherCommand: string | undefined;
  let complaint = "";
  const program = createProgram({
    writeOut: (text) => output.raw(text),
    writeErr: (text) => {
      complaint += text;
    },
    onCall: (call) => {
      called = call;
    },
    onLauncherCommand: (name) => {
      launcherCommand = name;
    },
  });
  try {
    program.parse(helpCall(argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { ok: true, value: undefined };
    const called = callOf(argv);
    if (error.code === "commander.help") {
      output.complaint(complaint);
      return refused("USAGE", `${called} needs a command.`, { hint: `See ${called} --help.` });
    }
    return refused("USAGE", sentenceOf(complaint), { hint: `See ${called} --help.` });
  }
  if (launcherCommand === undefined) return { ok: true, value: called };
  return refused("USAGE", `${launcherCommand} is a command of the launcher.`, {
    hint: `Run ./tutti ${launcherCommand}.`,
  });
}

/** `help app scale` as `app scale --help`: commander's own help knows one level only. */
function helpCall(argv: readonly string[]): readonly string[] {
  const [first, noun = "", ...rest] = argv;
  const isKnown = Object.hasOwn(nouns, noun) || isSingleWord(noun);
  return first === "help" && isKnown ? [noun, ...rest, "--help"] : argv;
}

function isSingleWord(noun: string): boolean {
  return commandTable.some((spec) => spec.noun === noun && spec.verb === "");
}

/** As much of the command line as names a command: `./tutti app scale`. */
function callOf(argv: readonly string[]): string {
  const [noun = "", verb = ""] = argv[0] === "--dir" ? argv.slice(2) : argv;
  if (isSingleWord(noun)) return `./tutti ${noun}`;
  if (!Object.hasOwn(nouns, noun)) return "./tutti";
  const isVerb = commandTable.some((spec) => spec.noun === noun && spec.verb === verb);
  return isVerb ? `./tutti ${noun} ${verb}` : `./tutti ${noun}`;
}

/** What commander complains of, as one sentence. */
function sentenceOf(complaint: string): string {
  const text = complaint
    .trim()
    .replace(/^error: /, "")
    .replace(/\n\(Did you mean (.*)\?\)$/s, "; did you mean $1?");
  const sentence = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}
