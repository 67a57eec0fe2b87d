import type { RawResponse } from "../worlds/http-world.ts";
import { headerOf } from "./exchanges.ts";
import type { GoldenExchange } from "./exchanges.ts";
import { differencesOf, shapeOf } from "./shape.ts";
import type { ShapeRules } from "./shape.ts";

/** How an answer is compared beyond its status, headers and texts. */
export interface CompareOptions {
  /** Compares keys and types of JSON answers; absent: their bodies are of another day. */
  readonly shapes?: ShapeRules;
  /** Texts that are an accident of the original, or name a value of the moment. */
  readonly isFreeText?: (text: string) => boolean;
}

const comparedHeaders = ["allow", "content-type", "content-disposition", "location"];

/** Where an answer differs from the recorded one; nothing: it does not. */
export function differencesOfAnswer(
  exchange: GoldenExchange,
  answer: RawResponse,
  options: CompareOptions = {},
): string[] {
  const { response } = exchange;
  if (answer.status !== response.status) {
    return [`status ${answer.status} (${answer.text.slice(0, 200)}) instead of ${response.status}`];
  }
  const found = comparedHeaders.flatMap((name) => {
    const theirs = headerOf(exchange, name);
    const ours = answer.headers[name];
    return theirs === undefined || ours === theirs ? [] : [`${name} ${ours} instead of ${theirs}`];
  });
  return [...found, ...differencesOfBody(exchange, answer, options)];
}

function differencesOfBody(
  { response }: GoldenExchange,
  answer: RawResponse,
  { shapes, isFreeText = () => false }: CompareOptions,
): string[] {
  const { text, json } = response.body ?? {};
  if (json !== undefined) {
    const ours = parsed(answer.text);
    if (ours === undefined) return [`no JSON: ${answer.text.slice(0, 200)}`];
    return shapes === undefined ? [] : differencesOf(shapeOf(ours), shapeOf(json), shapes);
  }
  if (text === undefined || isFreeText(text) || answer.text === text) return [];
  const called = argumentOf(text);
  const ours = argumentOf(answer.text);
  if (called !== undefined && ours !== undefined) {
    return differencesOf(shapeOf(ours), shapeOf(called), shapes ?? noRules);
  }
  return [`text ${JSON.stringify(answer.text)} instead of ${JSON.stringify(text)}`];
}

/** The argument in a script `cb(…)`; undefined when a text is none. */
function argumentOf(text: string): unknown {
  const match = /^cb\((.*)\)$/su.exec(text);
  return match === null ? undefined : parsed(match[1] ?? "");
}

const noRules: ShapeRules = { mayHave: [], mayLack: [], dictionaries: [] };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
