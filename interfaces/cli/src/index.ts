export type { CliContext, TextSink } from "./context.ts";
export type { CliCode } from "./exit-codes.ts";
export { runCli } from "./run-cli.ts";
export type { CliSurroundings } from "./run-cli.ts";
export type { ClusterFile } from "./target.ts";
