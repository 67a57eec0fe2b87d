import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "@tutti/base";
import type { Seal } from "../core/index.ts";
import { limits } from "./limits.ts";

/**
 * Runs one nft after the other, one for each line it reads: to start a process this one must be copied, and with the
 * memory of a large table that takes it 5 to 100 ms. It ends with its input, when an nft ends otherwise than it was
 * told, and when it is told to (then nft goes with it).
 */
const keeper =
  "exec 4<&0; trap 'test -z \"$nft\" || kill -KILL $nft; exit 1' TERM; " +
  "while read -r _; do nft -i <&4 & nft=$!; wait $nft || exit; done";
/** The line that starts one, and the one that ends it; the next follows at once, for it is to be there. */
const startLine = "start\n";
const renewLines = `quit\n${startLine}`;

/** No file begins like this. */
const markStart = "/no-such-directory/done-";

interface Pending {
  readonly mark: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (fault: Fault) => void;
  readonly deadline: NodeJS.Timeout;
}

/**
 * One running `nft -i`, under a shell that starts the next, that is given transactions: a change takes about a
 * millisecond, where a process of its own takes ten. nft reads its line character by character but files at once, so
 * each transaction is a file that it is told to include; after it comes the name of a file that does not exist, and
 * nft's complaint about that one says that it is done.
 */
export class NftSession {
  readonly #prefix: readonly string[];
  /** A file without a name: nothing is left of it whatever becomes of this process. */
  #file: number | undefined;
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #pending: Pending | undefined;
  #answer = "";
  #count = 0;
  #inSession = 0;
  #closed = false;

  /** `prefix` stands before `nft`: nothing, or how to reach another network namespace. */
  constructor(prefix: readonly string[]) {
    this.#prefix = prefix;
  }

  /**
   * Carries out one transaction, after those that were asked for before. Throws a `Fault`: REFUSED with what nft
   * said, TIMEOUT, NFT_ENDED (also when it was closed), or the system's code when nft could not be started.
   */
  async run(text: string): Promise<void> {
    const said = await this.#inTurn(text);
    if (said.includes("Error:")) {
      throw new Fault("REFUSED", said.trim().slice(0, 500), { retryable: true });
    }
  }

  /**
   * Whether the kernel refuses every one of these statements as it must. As it refuses one it carries out none; only
   * where it refuses none at all are they carried out. Throws a `Fault`.
   */
  async refuses(seals: readonly Seal[]): Promise<boolean> {
    const said = await this.#inTurn(`${seals.map(({ statement }) => statement).join("\n")}\n`);
    const refusals = [...said.matchAll(/Error: .*: (.+)$/gm)].map(([, words]) => words);
    return (
      refusals.length === seals.length &&
      seals.every(({ refusal }, index) => refusals[index] === refusal)
    );
  }

  #inTurn(text: string): Promise<string> {
    const said = this.#last.then(() => this.#tell(text));
    this.#last = said.catch(() => undefined);
    return said;
  }

  /** Starts nft now, while this process is small; else the first transaction does. */
  start(): void {
    if (this.#closed) return;
    try {
      this.#file ??= namelessFile();
    } catch {
      // The first transaction says why.
      return;
    }
    this.#child ??= this.#start(this.#file);
  }

  /** For good: what runs and what waits fails, and nothing begins any more. */
  close(): void {
    this.#closed = true;
    this.#fail(closedFault());
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  async #tell(text: string): Promise<string> {
    if (this.#closed) throw closedFault();
    this.#file = this.#written(text);
    const said = await this.#include(this.#file);
    this.#inSession +=
      text.length > limits.sessionCharactersMax ? limits.sessionTransactionsMax : 1;
    if (this.#inSession >= limits.sessionTransactionsMax) this.#renew();
    return said;
  }

  /** The file with the transaction in it: on a disk, and another nft with it, when memory has no room. */
  #written(text: string): number {
    const file = this.#file ?? namelessFile();
    try {
      writeWhole(file, text);
      return file;
    } catch {
      closeSync(file);
      this.#file = undefined;
      this.#end();
      const other = namelessFileIn(tmpdir());
      writeWhole(other, text);
      return other;
    }
  }

  /** Has another nft take over: what this one has read it never forgets. */
  #renew(): void {
    this.#inSession = 0;
    this.#child?.stdin?.write(renewLines);
  }

  #include(file: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = this.#child ?? this.#start(file);
      this.#count += 1;
      const mark = `${markStart}${this.#count}-`;
      const deadline = setTimeout(() => {
        this.#fail(new Fault("TIMEOUT", "nft did not answer in time.", { retryable: true }));
      }, limits.transactionMsMax);
      this.#answer = "";
      this.#pending = { mark, resolve, reject, deadline };
      child.stdin?.write(`include "/proc/self/fd/3"\ninclude "${mark}"\n`);
    });
  }

  #start(file: number): ChildProcess {
    const [command, ...args] = [...this.#prefix, "sh", "-c", keeper];
    const child = spawn(command, args, {
      stdio: ["pipe", "ignore", "pipe", file],
      // An interactive nft keeps what it was told in its user's home, and reads all of it when it begins.
      env: { ...process.env, HOME: "/dev/null" },
    });
    this.#child = child;
    this.#inSession = 0;
    child.stdin?.on("error", () => child.stdin?.destroy());
    child.stdin?.write(startLine);
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
    pending.resolve(withoutMarks(said));
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

function closedFault(): Fault {
  return new Fault("NFT_ENDED", "nft was ended: its session is closed.", { retryable: false });
}

/** What nft still had to say about the last mark is no answer to this transaction. */
function withoutMarks(said: string): string {
  return said
    .split("\n")
    .filter((line) => !line.includes(markStart) && !/^\s*\^*\s*$/.test(line))
    .join("\n");
}

/** In memory where the machine has room for that: to empty a file on a disk may take as long as nft itself. */
function namelessFile(): number {
  try {
    return namelessFileIn("/dev/shm");
  } catch {
    return namelessFileIn(tmpdir());
  }
}

function namelessFileIn(place: string): number {
  const dir = mkdtempSync(join(place, "tutti-l4lb-"));
  const file = openSync(join(dir, "transaction"), "wx+", 0o600);
  rmSync(dir, { recursive: true });
  return file;
}

function writeWhole(file: number, text: string): void {
  ftruncateSync(file);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
}
