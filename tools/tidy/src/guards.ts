import { join } from "node:path";
import type { Command, Outcome } from "./run-command.ts";
import { formatDuration, runCommand } from "./run-command.ts";

/** One step of `npm run check`: it passes when its command ends with 0. */
export interface Guard {
  readonly name: string;
  readonly command: Command;
}

/** A guard and how it ended. */
export interface GuardResult {
  readonly name: string;
  readonly passed: boolean;
  readonly outcome: Outcome;
}

/** More than any guard ever needs; one that hangs is a failure. */
const guardDeadlineMs = 180_000;

/** Two cores are what the smallest machine has. */
const guardsAtOnceMax = 2;

/**
 * Storeys whose doors are not judged by who uses them: protocol and sdk speak to the world, whole
 * languages of it.
 */
const worldLayers = ["./protocol/*", "./sdk"];

/** Storeys whose code serves users: use by unit tests alone is no use. */
const servingLayers = ["./kernel/*", "./userspace/*", "./interfaces/*", "./distribution/*"];

/** Storeys whose code serves this house, tests included: the testkit is for tests. */
const houseLayers = ["./foundation/*", "./proof/*", "./tools/*"];

/** The guards of the checkout at `root`, the slow ones first. */
export function guardsOf(root: string): Guard[] {
  const knip = ["--no-progress", "--no-config-hints"];
  const deadDoors = [...knip, "--include-entry-exports", "--include", "exports,nsExports"];
  const without = (layers: readonly string[]): string[] =>
    layers.flatMap((layer) => ["-W", `!${layer}`]);
  return [
    // Dead files, exports and types behind the doors, unused and undeclared packages. Programs that
    // rooms start are Debian's, so no package.json can declare them.
    tool(root, "dead code", "knip", [...knip, "--exclude", "binaries"]),
    // Doors that let out what nobody takes, tests included.
    tool(root, "dead doors", "knip", [
      ...deadDoors,
      ...without([...worldLayers, ...servingLayers]),
    ]),
    // The same where use by unit tests alone does not count.
    tool(root, "code only tests use", "knip", [
      ...deadDoors,
      "--production",
      ...without([...worldLayers, ...houseLayers]),
    ]),
    tool(root, "lint", "oxlint", ["--type-aware", "--deny-warnings", "-c", ".oxlintrc.json", "."]),
    tool(root, "types", "tsc", ["-p", "tsconfig.json", "--noEmit"]),
    tool(root, "types of cores", "tsc", ["-p", "tsconfig.core.json", "--noEmit"]),
    script(root, "laws", [join(import.meta.dirname, "main.ts"), root]),
    tool(root, "format", "oxfmt", ["--check", "."]),
  ];
}

function tool(root: string, name: string, program: string, args: readonly string[]): Guard {
  return script(root, name, [join(root, "node_modules/.bin", program), ...args]);
}

function script(root: string, name: string, args: readonly string[]): Guard {
  return {
    name,
    command: { file: process.execPath, args, cwd: root, deadlineMs: guardDeadlineMs },
  };
}

/** Runs the guards, two at a time, and calls `report` as each ends. */
export async function runGuards(
  guards: readonly Guard[],
  report: (result: GuardResult) => void,
): Promise<GuardResult[]> {
  const waiting = [...guards];
  const results: GuardResult[] = [];
  async function work(): Promise<void> {
    for (let guard = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
      const outcome = await runCommand(guard.command);
      const result = { name: guard.name, passed: outcome.code === 0, outcome };
      results.push(result);
      report(result);
    }
  }
  await Promise.all(Array.from({ length: guardsAtOnceMax }, work));
  return results;
}

/** One line for a guard that passed; its whole output below the line for one that did not. */
export function formatGuardResult(result: GuardResult): string {
  const line = `${result.passed ? "ok    " : "FAILED"} ${result.name.padEnd(20)} ${formatDuration(result.outcome.durationMs)}`;
  return result.passed ? line : `${line}\n${result.outcome.output.trimEnd()}\n`;
}
