import { execFileSync } from "node:child_process";
import { loadavg, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { benches } from "./benches.ts";
import { fsyncPerSecond, machineLine } from "./measure.ts";
import { missedCount, sectionOf, writeSection } from "./page.ts";

/** Above this other programs take a share of the processors: it is told beside the figures. */
const quietLoad = 0.5;

function help(): string {
  const total = benches.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    "Usage: ./tutti bench NAME… | all [--no-write]",
    "Measures this checkout and writes what it finds into docs/benchmarks.md (--no-write: only prints it).",
    "",
    ...benches.map(
      ({ name, summary, seconds }) =>
        `  ${name.padEnd(22)} ${`${String(seconds)} s`.padStart(6)}  ${summary}`,
    ),
    `  ${"all".padEnd(22)} ${`${String(Math.ceil(total / 60))} min`.padStart(6)}  all of them; let nothing else run meanwhile`,
  ].join("\n");
}

function headLine(commit: string): string {
  const load = loadavg()[0] ?? 0;
  const busy = load > quietLoad ? ` load at the start ${load.toFixed(1)};` : "";
  const day = new Date().toISOString().slice(0, 10);
  return `${machineLine()}; ${String(fsyncPerSecond(tmpdir()))} fsync/s;${busy} commit ${commit}; ${day}.`;
}

/** The commit that is measured; `-dirty` when files of it are changed, the page of figures apart. */
function commitHere(): string {
  const cwd = fileURLToPath(new URL("../../../", import.meta.url));
  const git = (...words: readonly string[]): string =>
    execFileSync("git", words, { encoding: "utf8", cwd }).trim();
  const commit = git("rev-parse", "--short", "HEAD");
  const changed = git(
    "status",
    "--porcelain",
    "--",
    ".",
    ":!docs/benchmarks",
    ":!docs/benchmarks.md",
  );
  return changed === "" ? commit : `${commit}-dirty`;
}

async function main(args: readonly string[]): Promise<number> {
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const unknown = wanted.find((name) => name !== "all" && benches.every((b) => b.name !== name));
  const oddOption = args.find((arg) => arg.startsWith("--") && arg !== "--no-write");
  if (wanted.length === 0 || unknown !== undefined || oddOption !== undefined) {
    const isHelp = args.every((arg) => arg === "--help");
    if (!isHelp)
      console.error(`there is no ${unknown ?? oddOption ?? "benchmark without a name"}\n`);
    console[isHelp ? "log" : "error"](help());
    return isHelp ? 0 : 2;
  }
  const commit = commitHere();
  let missed = 0;
  for (const { name, run } of benches) {
    if (!wanted.includes("all") && !wanted.includes(name)) continue;
    const head = headLine(commit);
    const report = await run();
    const section = sectionOf(name, report, head);
    console.log(section);
    missed += missedCount(report);
    if (!args.includes("--no-write")) {
      const order = benches.map((bench) => bench.name);
      writeSection(name, report, { section, order });
    }
  }
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
