/** One command of a story and what came of it. */
export interface StoryStep {
  /** The words of the command's first line. */
  readonly words: readonly string[];
  /** Further lines of the command, e.g. a JSON body. */
  readonly input: string;
}

/** How a story is told. */
interface StoryOptions {
  /** The golden text as it is in its file. */
  readonly golden: string;
  /** Whether the golden text is to be rewritten: then `write` gets the new one and nothing is compared. */
  readonly rewrite: boolean;
  readonly write: (text: string) => void;
  /** Carries out one command and tells what happened, line by line. */
  readonly tell: (step: StoryStep) => string;
}

const SEPARATOR = "----";

/**
 * Tells a story again: carries out its commands and puts the narrative below each. The text is
 * blocks of a command line, further input lines, `----`, and the narrative up to an empty line;
 * lines before a command that begin with `#` are comment. A narrative with empty lines stands between
 * two double `----`. Returns both texts for the test to compare; they are the same when rewriting.
 */
export function tellStory(options: StoryOptions): {
  readonly golden: string;
  readonly told: string;
} {
  const told: string[] = [];
  for (const block of blocksOf(options.golden)) {
    told.push(...block.comment);
    if (block.command === undefined) continue;
    const [first = "", ...rest] = block.command;
    const narrative = options.tell({
      words: first.split(/\s+/u).filter(Boolean),
      input: rest.join("\n"),
    });
    told.push(...block.command, ...frame(narrative.replace(/\n+$/u, "")), "");
  }
  const text = `${told.join("\n").replace(/\n+$/u, "")}\n`;
  if (!options.rewrite) return { golden: options.golden, told: text };
  options.write(text);
  return { golden: text, told: text };
}

function frame(narrative: string): string[] {
  if (narrative === "") return [SEPARATOR];
  const lines = narrative.split("\n");
  if (!lines.includes("")) return [SEPARATOR, ...lines];
  return [SEPARATOR, SEPARATOR, ...lines, SEPARATOR, SEPARATOR];
}

interface Block {
  /** Comment and empty lines before the command. */
  readonly comment: readonly string[];
  readonly command: readonly string[] | undefined;
}

function blocksOf(text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const comment: string[] = [];
    for (
      let line = lines[at];
      line !== undefined && (line === "" || line.startsWith("#"));
      line = lines[at]
    ) {
      comment.push(line);
      at += 1;
    }
    const command: string[] = [];
    for (
      let line = lines[at];
      line !== undefined && line !== SEPARATOR && line !== "";
      line = lines[at]
    ) {
      command.push(line);
      at += 1;
    }
    if (lines[at] === SEPARATOR) at = endOfNarrative(lines, at + 1);
    blocks.push({
      comment: dropLast(comment),
      command: command.length === 0 ? undefined : command,
    });
  }
  return blocks;
}

/** The line after a narrative that begins at `start`. */
function endOfNarrative(lines: readonly string[], start: number): number {
  let at = start;
  if (lines[at] !== SEPARATOR) {
    while (at < lines.length && lines[at] !== "") at += 1;
    return at + 1;
  }
  at += 1;
  while (at < lines.length && !(lines[at] === SEPARATOR && lines[at + 1] === SEPARATOR)) at += 1;
  return at + 3;
}

/** The empty line that every file ends with is no comment. */
function dropLast(comment: readonly string[]): readonly string[] {
  return comment.at(-1) === "" && comment.every((line) => line === "") ? [] : comment;
}
