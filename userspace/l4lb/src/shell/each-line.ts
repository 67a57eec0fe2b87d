import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { limits } from "./limits.ts";

/**
 * Runs a command and hands over its output line by line: it may be long, and nobody else waits for it. Answers
 * whether it ended well; ends it after too many lines or too long.
 */
export function eachLine(argv: readonly string[], take: (line: string) => void): Promise<boolean> {
  const [command = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    const deadline = setTimeout(() => child.kill("SIGKILL"), limits.transactionMsMax);
    let left: number = limits.linesMax;
    let exitCode: number | null = null;
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      left -= 1;
      if (left > 0) take(line);
      else child.kill("SIGKILL");
    });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => {
      exitCode = code;
    });
    lines.on("close", () => {
      // The end of the output may come before the end of the command is known.
      const end = (): void => {
        clearTimeout(deadline);
        resolve(exitCode === 0);
      };
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
        child.once("exit", end);
      else end();
    });
  });
}
