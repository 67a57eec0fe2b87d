import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { benchAcceptToSpawn } from "./accept-to-spawn.ts";
import { benchIdle } from "./idle.ts";
import { fsyncPerSecond, machineLine, type BenchReport } from "./measure.ts";
import { benchPostToRunning } from "./post-to-running.ts";
import { benchUp } from "./up.ts";

const benches: Readonly<Record<string, () => Promise<BenchReport>>> = {
  up: benchUp,
  idle: benchIdle,
  "accept-to-spawn": benchAcceptToSpawn,
  "post-to-running": benchPostToRunning,
};

const page = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));

function section(name: string, report: BenchReport, head: readonly string[]): string {
  return [
    `<!-- bench:${name} -->`,
    `## ${report.title}`,
    "",
    report.method,
    "",
    `Command: \`./tutti bench ${name}\`. ${head.join(" ")}`,
    "",
    "| figure | target | measured | |",
    "|---|---|---|---|",
    ...report.figures.map(
      (f) =>
        `| ${f.name} | ${f.target} | ${f.measured} | ${f.reached ? "reached" : "**missed**"} |`,
    ),
    "",
    `<!-- /bench:${name} -->`,
  ].join("\n");
}

function replaceSection(text: string, name: string, body: string): string {
  const start = text.indexOf(`<!-- bench:${name} -->`);
  const endMark = `<!-- /bench:${name} -->`;
  const end = text.indexOf(endMark);
  if (start === -1 || end === -1) return `${text.trimEnd()}\n\n${body}\n`;
  return text.slice(0, start) + body + text.slice(end + endMark.length);
}

async function main(args: readonly string[]): Promise<number> {
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const write = !args.includes("--no-write");
  for (const name of wanted) {
    if (benches[name] !== undefined) continue;
    console.error(`there is no benchmark "${name}"; there are: ${Object.keys(benches).join(", ")}`);
    return 2;
  }
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL(".", import.meta.url)),
  }).trim();
  let failed = 0;
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const head = [
      `${machineLine()}; ${String(fsyncPerSecond(tmpdir()))} fsync/s; commit ${commit};`,
      `${new Date().toISOString().slice(0, 10)}.`,
    ];
    const report = await bench();
    const text = section(name, report, head);
    console.log(text);
    failed += report.figures.filter((f) => !f.reached).length;
    if (write) writeFileSync(page, replaceSection(readFileSync(page, "utf8"), name, text));
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
