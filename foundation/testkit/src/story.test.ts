import { expect, test } from "vitest";
import { tellStory } from "./index.ts";

const golden = `# A story of adding.

add 1 2
----
3

# With input.
add
4
5
----
9

say
----
----
a

b
----
----

quiet
----

last 1
----
1
`;

function told(text: string, rewrite = false) {
  const written: string[] = [];
  const result = tellStory({
    golden: text,
    rewrite,
    write: (changed) => written.push(changed),
    tell: ({ words, input }) => {
      const [name, ...rest] = words;
      if (name === "say") return "a\n\nb\n";
      if (name === "quiet") return "";
      const numbers = [...rest, ...input.split("\n")].map(Number);
      return `${numbers.reduce((sum, number) => sum + number, 0)}\n`;
    },
  });
  return { ...result, written };
}

test("a story that is true is told as it stands", () => {
  const result = told(golden);
  expect(result.told).toBe(golden);
  expect(result.written).toEqual([]);
});

test("a story that is not true any more is told as it is now", () => {
  const result = told(golden.replace("\n9\n", "\n10\n"));
  expect(result.told).toBe(golden);
  expect(result.golden).not.toBe(golden);
});

test("rewriting fills in the narratives of new commands", () => {
  const result = told("# New.\nadd 1\n\nsay\n\nadd 2\n", true);
  expect(result.written).toEqual([
    "# New.\nadd 1\n----\n1\n\nsay\n----\n----\na\n\nb\n----\n----\n\nadd 2\n----\n2\n",
  ]);
  expect(result.told).toBe(result.golden);
});
