/** `1 instance`, `2 instances`. */
export function countOf(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const ordinals = [
  "first",
  "second",
  "third",
  "fourth",
  "fifth",
  "sixth",
  "seventh",
  "eighth",
  "ninth",
  "tenth",
];

/** `third`, `11th`, `22nd`; from 1. */
export function ordinal(position: number): string {
  const word = ordinals[position - 1];
  if (word !== undefined) return word;
  const ending = Math.floor(position / 10) % 10 === 1 ? "th" : endings[position % 10];
  return `${String(position)}${ending ?? "th"}`;
}

const endings = ["th", "st", "nd", "rd"];

const namesMax = 3;

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function namesOf(names: readonly string[]): string {
  if (names.length > namesMax) {
    return `${names.slice(0, namesMax).join(", ")} and ${String(names.length - namesMax)} more`;
  }
  return joined(names, "and");
}

/** All of them: `a, b or c`. */
export function joined(names: readonly string[], word: "and" | "or"): string {
  const last = names.at(-1) ?? "";
  if (names.length < 2) return last;
  return `${names.slice(0, -1).join(", ")} ${word} ${last}`;
}

/** A quantity without needless decimals: thousandths are the finest there is. */
export function numberOf(amount: number): string {
  return String(Math.round(amount * 1000) / 1000);
}

/** `12 s`, `5 min`, `2 h 5 min`, `3 d 4 h`; never negative. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return withRest(hours, "h", minutes % 60, "min");
  return withRest(Math.floor(hours / 24), "d", hours % 24, "h");
}

function withRest(whole: number, unit: string, rest: number, restUnit: string): string {
  const text = `${String(whole)} ${unit}`;
  return rest === 0 ? text : `${text} ${String(rest)} ${restUnit}`;
}

const textCharactersMax = 160;

/** What others said, in one line of bounded length, without a full stop. */
export function quoted(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
  const characters = Array.from(line);
  const short =
    characters.length <= textCharactersMax
      ? line
      : `${characters.slice(0, textCharactersMax - 1).join("")}…`;
  return short.replace(/\.$/, "");
}
