import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A program of `programs/` that runs in the network of a machine until it is ended; it ends with us, too. */
export interface InsideProcess {
  /** Complete lines that it has printed. */
  readonly lines: () => readonly string[];
  /** Writes a line to its input. */
  readonly tell: (line: string) => void;
  /** Ends it; resolves when it is gone. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
}

/** The path of a program of `programs/`. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
}

/** Starts a program of `programs/` in the network of a machine. */
export function startInside(
  namespace: string,
  program: string,
  ...args: readonly string[]
): InsideProcess {
  const child = spawn("nsenter", nsenterArguments(namespace, program, args), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  // It may have ended before us.
  child.stdin.on("error", () => undefined);
  return {
    lines: () => output.split("\n").slice(0, -1),
    tell: (line) => void child.stdin.write(`${line}\n`),
    end: (signal = "SIGKILL") => {
      // nsenter has become the program itself.
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a program of `programs/` in the network of a machine with `input`; answers its output. */
export function runInside(namespace: string, program: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = execFile(
      "nsenter",
      nsenterArguments(namespace, program, []),
      { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${program} failed`, { cause: error }));
      },
    );
    // What it had no use for: its end says why.
    child.stdin?.on("error", () => undefined).end(input);
  });
}

function nsenterArguments(
  namespace: string,
  program: string,
  args: readonly string[],
): readonly string[] {
  return [`--net=/run/netns/${namespace}`, "--", process.execPath, programPath(program), ...args];
}

/** Who started a process. */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
