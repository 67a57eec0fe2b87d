/** Where text goes; a Node stream is one. */
export interface TextSink {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: "error" | "resize", listener: (error: Error) => void): unknown;
  off?(event: "resize", listener: () => void): unknown;
}

/** What a run of the CLI takes from its surroundings. */
export interface CliContext {
  /** The cluster's directory, which holds `cluster.json`; `--dir` overrides it. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /**
   * The machines of the cluster in a directory whose agents have heard that they are removed for ever, by name: the
   * launcher knows them by how their processes ended. Absent: not known.
   */
  readonly goneMachines?: (dir: string) => Promise<readonly string[]>;
  /** Options of the launcher's commands, by command, for completion. */
  readonly launcherOptions?: Readonly<Record<string, readonly string[]>>;
  /** Whether a person watches standard output; default: what the stream says. */
  readonly isTty?: boolean;
  /** Ends what follows or waits, with exit code 130. */
  readonly signal?: AbortSignal;
}
