import { expect } from "vitest";

/** What was done, or was seen, so many ms after the story began. */
interface Line {
  readonly atMs: number;
  readonly text: string;
}

/**
 * What a test on real machines did and saw, in sentences. Its text stands in `golden/` and is compared without times,
 * which no two runs share; with times it is told where the test runs. The first line cites the rule: `[NAM16] …`.
 */
export class Story {
  readonly #head: readonly string[];
  readonly #beganMs = performance.now();
  readonly #lines: Line[] = [];

  constructor(...head: readonly string[]) {
    this.#head = head;
  }

  /** Something was done: a command, or a sentence. */
  did(text: string): void {
    this.#note(`\n${text}`);
  }

  /** Something was seen that followed from it. */
  saw(text: string): void {
    this.#note(`  ${text}`);
  }

  /** Demands that the story is that of the file `golden/NAME.golden`, which `vitest -u` writes. */
  async demandSame(name: string): Promise<void> {
    const told = this.#lines.map(({ atMs, text }) => `${formatSeconds(atMs)} ${text.trim()}`);
    console.log([`the story ${name}, with times:`, ...told].join("\n"));
    const text = `${[...this.#head.map((line) => `# ${line}`), ...this.#lines.map((line) => line.text)].join("\n")}\n`;
    await expect(text).toMatchFileSnapshot(`${import.meta.dirname}/../golden/${name}.golden`);
  }

  #note(text: string): void {
    this.#lines.push({ atMs: performance.now() - this.#beganMs, text });
  }
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(7)} s`;
}
