import type { CliContext, TextSink } from "../context.ts";

/** What a person's terminal offers beside text: keys. */
interface Keyboard {
  readonly isTTY?: boolean;
  setRawMode(isRaw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: "data", listener: (data: Uint8Array | string) => void): unknown;
  off(event: "data", listener: (data: Uint8Array | string) => void): unknown;
}

const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";
/** Ctrl-C and Ctrl-D in raw mode. */
const endingKeys = new Set(["q", "Q", "\u0003", "\u0004"]);
const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The whole terminal, taken over and given back, whatever ends the command. */
export class Screen implements Disposable {
  readonly #stdout: TextSink;
  readonly #keyboard: Keyboard | undefined;
  readonly #ending = new AbortController();
  readonly #onResize = (): void => this.draw();
  readonly #onData = (data: Uint8Array | string): void => {
    for (const key of Buffer.from(data).toString("utf8")) {
      if (endingKeys.has(key)) this.#ending.abort();
    }
  };
  readonly #onSignal = (): void => this.#ending.abort();
  readonly #onExit = (): void => this[Symbol.dispose]();
  #isOpen = true;
  /** Called when the size of the terminal changes. */
  draw: () => void = () => undefined;

  /** Takes the terminal over. */
  constructor(context: CliContext) {
    this.#stdout = context.stdout;
    this.#keyboard = keyboardOf(context.stdin);
    process.on("exit", this.#onExit);
    for (const name of endingSignals) process.on(name, this.#onSignal);
    this.#stdout.write(enter);
    this.#stdout.on?.("resize", this.#onResize);
    if (this.#keyboard !== undefined) {
      this.#keyboard.setRawMode(true);
      this.#keyboard.on("data", this.#onData);
      this.#keyboard.resume();
    }
  }

  /** Aborted when the user wants to end. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  get columns(): number {
    return this.#stdout.columns ?? 80;
  }

  get rows(): number {
    return this.#stdout.rows ?? 24;
  }

  /** Shows these lines in place of what was there; no line is longer than the terminal is wide. */
  show(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const shown = lines.slice(0, this.rows).map((line) => `${line}\u001b[K`);
    this.#stdout.write(`\u001b[H${shown.join("\r\n")}\u001b[J`);
  }

  /** Gives the terminal back as it was; a second time nothing happens. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#onExit);
    for (const name of endingSignals) process.off(name, this.#onSignal);
    this.#stdout.off?.("resize", this.#onResize);
    if (this.#keyboard !== undefined) {
      this.#keyboard.off("data", this.#onData);
      this.#keyboard.setRawMode(false);
      this.#keyboard.pause();
    }
    this.#stdout.write(leave);
  }
}

function keyboardOf(stdin: CliContext["stdin"]): Keyboard | undefined {
  const keyboard = stdin as Partial<Keyboard> & CliContext["stdin"];
  return keyboard.isTTY === true && typeof keyboard.setRawMode === "function"
    ? (keyboard as unknown as Keyboard)
    : undefined;
}
