import {
  type ArgumentKind,
  type CommandSpec,
  commandTable,
  launcherCommands,
  nouns,
  type OptionSpec,
  targetOptions,
} from "../command-table.ts";

/** What the word under the cursor stands for. */
export type Place =
  | { readonly type: "command" }
  | { readonly type: "verb"; readonly noun: string }
  | { readonly type: "option"; readonly options: readonly OptionSpec[] }
  | { readonly type: "launcherOption"; readonly command: string }
  | { readonly type: "argument"; readonly kind: ArgumentKind }
  | { readonly type: "nothing" };

/** A command line as far as it is typed. */
export interface TypedLine {
  readonly place: Place;
  /** The word under the cursor. */
  readonly current: string;
  /** What stands before it in the same word and is no part of a candidate: `--dir=`. */
  readonly before: string;
  /** Values of options that name a cluster, by the option's long name without dashes. */
  readonly values: ReadonlyMap<string, string>;
}

/** Reads a command line (without the program's name) whose last word is under the cursor. */
export function readWords(words: readonly string[]): TypedLine {
  const current = words.at(-1) ?? "";
  const walk = new Walk();
  for (const word of words.slice(0, -1)) walk.take(word);
  return walk.end(current);
}

class Walk {
  readonly #values = new Map<string, string>();
  readonly #plain: string[] = [];
  #pending: OptionSpec | undefined;
  #hasEnded = false;

  take(word: string): void {
    if (this.#pending !== undefined) {
      this.#values.set(longName(this.#pending), word);
      this.#pending = undefined;
    } else if (this.#hasEnded || !word.startsWith("-") || word === "-") this.#plain.push(word);
    else if (word === "--") this.#hasEnded = true;
    else this.#takeOption(word);
  }

  end(current: string): TypedLine {
    const base = { current, before: "", values: this.#values };
    if (this.#pending !== undefined) return { ...base, place: valuePlace(this.#pending) };
    if (!this.#hasEnded && current.startsWith("-") && current !== "-") {
      const [name = "", ...rest] = current.split("=");
      const option = this.#options().find((each) => namesOf(each).includes(name));
      if (rest.length === 0) return { ...base, place: this.#optionPlace() };
      const place = option === undefined ? nothing : valuePlace(option);
      return { ...base, place, current: rest.join("="), before: `${name}=` };
    }
    return { ...base, place: this.#wordPlace() };
  }

  #takeOption(word: string): void {
    const [name = "", ...rest] = word.split("=");
    const option = this.#options().find((each) => namesOf(each).includes(name));
    if (option === undefined || !takesValue(option)) return;
    if (rest.length === 0) this.#pending = option;
    else this.#values.set(longName(option), rest.join("="));
  }

  #command(): CommandSpec | undefined {
    const [noun, verb] = this.#plain;
    return commandTable.find(
      (spec) => spec.noun === noun && (spec.verb === "" || spec.verb === verb),
    );
  }

  #options(): readonly OptionSpec[] {
    return [...(this.#command()?.options ?? []), ...targetOptions, helpOption];
  }

  #optionPlace(): Place {
    const [first] = this.#plain;
    if (launcherCommands.some(({ name }) => name === first)) {
      return { type: "launcherOption", command: first ?? "" };
    }
    return { type: "option", options: this.#options() };
  }

  #wordPlace(): Place {
    const [noun, ...rest] = this.#plain[0] === "help" ? this.#plain.slice(1) : this.#plain;
    if (noun === undefined) return { type: "command" };
    const spec = this.#command();
    if (spec === undefined) {
      return Object.hasOwn(nouns, noun) && rest.length === 0 ? { type: "verb", noun } : nothing;
    }
    const at = spec.verb === "" ? rest.length : rest.length - 1;
    const kinds = spec.completes ?? [];
    const isEndless = spec.args.endsWith("...]") && at >= kinds.length;
    const kind = isEndless ? kinds.at(-1) : kinds[at];
    return kind === undefined ? nothing : { type: "argument", kind };
  }
}

const nothing: Place = { type: "nothing" };
const helpOption: OptionSpec = { flags: "-h, --help", summary: "show this help" };

/** `-f` and `--follow` of `-f, --follow`. */
export function namesOf({ flags }: OptionSpec): readonly string[] {
  return flags.split(", ").map((flag) => flag.split(" ")[0] ?? "");
}

function longName(option: OptionSpec): string {
  return (namesOf(option).at(-1) ?? "").replace(/^--/, "");
}

function takesValue({ flags }: OptionSpec): boolean {
  return flags.includes("<");
}

function valuePlace({ completes }: OptionSpec): Place {
  return completes === undefined ? nothing : { type: "argument", kind: completes };
}
