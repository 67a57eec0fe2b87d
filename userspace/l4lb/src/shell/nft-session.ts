import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "@tutti/base";
import { limits } from "./limits.ts";

interface Pending {
  readonly mark: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (fault: Fault) => void;
  readonly deadline: NodeJS.Timeout;
}

/**
 * One running `nft -i` that is given transactions: a change takes about a millisecond, where a process of its own
 * takes ten. nft reads its line character by character but files at once, so each transaction is a file that it is
 * told to include; after it comes the name of a file that does not exist, and nft's complaint about that one says
 * that it is done.
 */
export class NftSession {
  readonly #prefix: readonly string[];
  readonly #dir = mkdtempSync(join(tmpdir(), "tutti-l4lb-"));
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #pending: Pending | undefined;
  #answer = "";
  #count = 0;
  #inSession = 0;

  /** `prefix` stands before `nft`: nothing, or how to reach another network namespace. */
  constructor(prefix: readonly string[]) {
    this.#prefix = prefix;
  }

  /**
   * Carries out one transaction, after those that were asked for before. Throws a `Fault`: REFUSED with what nft
   * said, TIMEOUT, NFT_ENDED, or the system's code when nft could not be started.
   */
  async run(text: string): Promise<void> {
    const said = await this.#inTurn(text);
    if (said.includes("Error:")) {
      throw new Fault("REFUSED", said.trim().slice(0, 500), { retryable: true });
    }
  }

  /**
   * Whether these tables (`ip tutti_vip`) are there: they are created, which must fail. One that was missing is
   * there afterwards, empty. Throws a `Fault`.
   */
  async stand(tables: readonly string[]): Promise<boolean> {
    for (const table of tables) {
      const said = await this.#inTurn(`create table ${table}\n`);
      if (!said.includes("File exists")) return false;
    }
    return true;
  }

  #inTurn(text: string): Promise<string> {
    const said = this.#last.then(() => this.#tell(text));
    this.#last = said.catch(() => undefined);
    return said;
  }

  close(): void {
    this.#end();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #tell(text: string): Promise<string> {
    const file = join(this.#dir, "transaction");
    writeFileSync(file, text);
    const said = await this.#include(file);
    this.#inSession +=
      text.length > limits.sessionCharactersMax ? limits.sessionTransactionsMax : 1;
    if (this.#inSession >= limits.sessionTransactionsMax) this.#end();
    return said;
  }

  #include(file: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = this.#child ?? this.#start();
      this.#count += 1;
      const mark = join(this.#dir, `done-${this.#count}-`);
      const deadline = setTimeout(() => {
        this.#fail(new Fault("TIMEOUT", "nft did not answer in time.", { retryable: true }));
      }, limits.transactionMsMax);
      this.#answer = "";
      this.#pending = { mark, resolve, reject, deadline };
      child.stdin?.write(`include "${file}"\ninclude "${mark}"\n`);
    });
  }

  #start(): ChildProcess {
    const [command, ...args] = [...this.#prefix, "nft", "-i"];
    const child = spawn(command, args, { stdio: ["pipe", "ignore", "pipe"] });
    this.#child = child;
    this.#inSession = 0;
    child.stdin?.on("error", () => child.stdin?.destroy());
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => {
      if (child === this.#child) this.#hear(text);
    });
    child.on("error", (cause) => {
      const code = "code" in cause ? String(cause.code) : "EUNKNOWN";
      const fault = new Fault(code, `nft could not be started: ${code}.`, {
        retryable: true,
        cause,
      });
      if (child === this.#child) this.#fail(fault);
    });
    child.on("exit", () => {
      if (child === this.#child)
        this.#fail(new Fault("NFT_ENDED", "nft ended by itself.", { retryable: true }));
    });
    return child;
  }

  #hear(text: string): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#answer += text;
    const end = this.#answer.indexOf(pending.mark);
    if (end === -1) {
      // A mark may be cut in two by the pipe: its length is kept.
      const kept = limits.answerCharactersMax;
      if (this.#answer.length > kept * 2)
        this.#answer = this.#answer.slice(0, kept) + this.#answer.slice(-pending.mark.length);
      return;
    }
    const said = this.#answer.slice(0, this.#answer.lastIndexOf("Error:", end));
    this.#pending = undefined;
    clearTimeout(pending.deadline);
    pending.resolve(withoutMarks(said, this.#dir));
  }

  #fail(fault: Fault): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#end();
    if (pending === undefined) return;
    clearTimeout(pending.deadline);
    pending.reject(fault);
  }

  #end(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.stdin?.end();
    child?.kill();
  }
}

/** What nft still had to say about the last mark is no answer to this transaction. */
function withoutMarks(said: string, dir: string): string {
  return said
    .split("\n")
    .filter((line) => !line.includes(join(dir, "done-")) && !/^\s*\^*\s*$/.test(line))
    .join("\n");
}
