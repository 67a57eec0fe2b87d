import { parseSync, Visitor } from "oxc-parser";
import type { MemberExpression, NewExpression, Node } from "oxc-parser";

/** What the laws need to know of a TypeScript file. */
export interface SourceFacts {
  /** Static, re-exporting, dynamic, type-position and `require` imports, in the order of the file. */
  readonly imports: readonly ImportFact[];
  /** Literal first arguments of `new URL(…, import.meta.url)`: files reached without an import. */
  readonly urlFiles: readonly PlacedText[];
  /** Chains such as `it.skip`, `describe.concurrent.only`. */
  readonly testChains: readonly PlacedText[];
  /** Places where `Math` is used as a value instead of `Math.name`. */
  readonly bareMath: readonly number[];
  /** Places of `import.meta`. */
  readonly importMeta: readonly number[];
  /** Comments without their marks. */
  readonly comments: readonly PlacedText[];
  /** Whether the file exports nothing at all. */
  readonly exportsNothing: boolean;
  /** The parser's complaint; all other facts are empty then. */
  readonly syntaxError?: string;
}

/** One import of a module. */
export interface ImportFact {
  readonly specifier: string;
  readonly line: number;
  /** Whether only types are imported: nothing happens at run time. */
  readonly typeOnly: boolean;
}

/** A piece of text and the line it stands on. */
export interface PlacedText {
  readonly text: string;
  readonly line: number;
}

const noFacts: SourceFacts = {
  imports: [],
  urlFiles: [],
  testChains: [],
  bareMath: [],
  importMeta: [],
  comments: [],
  exportsNothing: false,
};

const testRoots = new Set(["describe", "it", "test", "suite", "bench"]);

/** Parses one file. A file that does not parse gives `syntaxError`, never an exception. */
export function readSource(path: string, text: string): SourceFacts {
  const parsed = parseSync(path, text);
  const error = parsed.errors[0];
  if (error !== undefined) return { ...noFacts, syntaxError: error.message };

  const lineOf = lineCounter(text);
  const imports: (ImportFact & { readonly start: number })[] = [];
  const urlFiles: PlacedText[] = [];
  const testChains: PlacedText[] = [];
  const bareMath: number[] = [];
  const mathMembers = new Set<number>();
  const mathNames: number[] = [];

  function found(specifier: string, start: number, typeOnly: boolean): void {
    imports.push({ specifier, line: lineOf(start), typeOnly, start });
  }

  for (const item of parsed.module.staticImports) {
    const typeOnly = item.entries.length > 0 && item.entries.every((entry) => entry.isType);
    found(item.moduleRequest.value, item.start, typeOnly);
  }
  for (const item of parsed.module.staticExports) {
    const entry = item.entries.find((candidate) => candidate.moduleRequest !== null);
    if (entry?.moduleRequest) {
      found(
        entry.moduleRequest.value,
        item.start,
        item.entries.every((each) => each.isType),
      );
    }
  }

  function onMember(node: MemberExpression): void {
    if (node.object.type === "Identifier" && node.object.name === "Math" && !node.computed) {
      mathMembers.add(node.object.start);
    }
    const chain = chainOf(node);
    if (chain !== undefined && testRoots.has(chain.split(".")[0] ?? "")) {
      testChains.push({ text: chain, line: lineOf(node.start) });
    }
  }

  const visitor = new Visitor({
    ImportExpression(node) {
      const specifier = literalOf(node.source);
      found(specifier ?? "(computed)", node.start, false);
    },
    TSImportType(node) {
      found(node.source.value, node.start, true);
    },
    CallExpression(node) {
      if (node.callee.type !== "Identifier" || node.callee.name !== "require") return;
      const specifier = literalOf(node.arguments[0]);
      if (specifier !== undefined) found(specifier, node.start, false);
    },
    NewExpression(node) {
      const file = urlFileOf(node);
      if (file !== undefined) urlFiles.push({ text: file, line: lineOf(node.start) });
    },
    MemberExpression: onMember,
    Identifier(node) {
      if (node.name === "Math") mathNames.push(node.start);
    },
  });
  visitor.visit(parsed.program);
  for (const start of mathNames) if (!mathMembers.has(start)) bareMath.push(lineOf(start));

  return {
    imports: imports
      .toSorted((a, b) => a.start - b.start)
      .map(({ specifier, line, typeOnly }) => ({ specifier, line, typeOnly })),
    urlFiles,
    testChains,
    bareMath,
    importMeta: parsed.module.importMetas.map((span) => lineOf(span.start)),
    comments: parsed.comments.map((comment) => ({
      text: comment.value,
      line: lineOf(comment.start),
    })),
    exportsNothing: parsed.module.staticExports.every((item) => item.entries.length === 0),
  };
}

/** The text of a string literal or of a template without holes. */
function literalOf(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
}

/** The literal path of `new URL(path, import.meta.url)`, also as `import.meta.dirname`-less text. */
function urlFileOf(node: NewExpression): string | undefined {
  if (node.callee.type !== "Identifier" || node.callee.name !== "URL") return undefined;
  const base = node.arguments[1];
  const fromHere =
    base?.type === "MemberExpression" &&
    base.object.type === "MetaProperty" &&
    base.property.type === "Identifier" &&
    base.property.name === "url";
  return fromHere ? literalOf(node.arguments[0]) : undefined;
}

/** `it.concurrent.skip` for a chain of plain members on an identifier. */
function chainOf(node: MemberExpression): string | undefined {
  if (node.computed || node.property.type !== "Identifier") return undefined;
  if (node.object.type === "Identifier") return `${node.object.name}.${node.property.name}`;
  if (node.object.type !== "MemberExpression") return undefined;
  const head = chainOf(node.object);
  return head === undefined ? undefined : `${head}.${node.property.name}`;
}

/** A function from an offset to its line, the first line being 1. */
function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
