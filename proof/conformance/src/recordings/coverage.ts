import { otherwise, pending, standingOf } from "./exceptions.ts";
import { readRecorded, recordedFiles } from "./exchanges.ts";

/** Every recorded exchange: a file, or an entry of the file with the bytes of the wire. */
export function recordedExchanges(): readonly string[] {
  return recordedFiles().flatMap((file) =>
    file === "raw_wire.json"
      ? Object.keys(readRecorded(file) as object).map((name) => `${file}#${name}`)
      : [file],
  );
}

/** Folder by folder, how many exchanges are as recorded, otherwise on purpose, and pending; then what for. */
export function coverageText(): string {
  const exchanges = recordedExchanges();
  const folders = [...new Set(exchanges.map(folderOf))].toSorted();
  const rows = folders.map((folder) => {
    const own = exchanges.filter((exchange) => folderOf(exchange) === folder);
    return row(folder, own);
  });
  const needs = Object.entries(pending).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return [
    line(["recorded exchanges", "all", "equal", "otherwise", "pending"]),
    ...rows,
    row("all", exchanges),
    "",
    "pending, by what they wait for",
    ...needs.map(([need, files]) => `${String(files.length).padStart(4)}  ${need}`),
    "",
    "otherwise, and why",
    ...Object.keys(otherwise)
      .toSorted()
      .map((file) => `  ${file}: ${otherwise[file] ?? ""}`),
    "",
  ].join("\n");
}

function folderOf(exchange: string): string {
  return exchange.split(/[/#]/u)[0] ?? "";
}

function row(name: string, exchanges: readonly string[]): string {
  const count = (standing: ReturnType<typeof standingOf>): string =>
    String(exchanges.filter((exchange) => standingOf(exchange) === standing).length);
  return line([
    name,
    String(exchanges.length),
    count("equal"),
    count("otherwise"),
    count("pending"),
  ]);
}

function line(cells: readonly string[]): string {
  const [first = "", ...rest] = cells;
  return first.padEnd(24) + rest.map((cell) => cell.padStart(11)).join("");
}
