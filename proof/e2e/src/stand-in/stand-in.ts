import { rmSync, mkdtempSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRecord } from "@tutti/http";
import { eventually, type TestCluster } from "../cluster.ts";
import { parentOf, startInside, type InsideProcess } from "../inside-process.ts";

/** Which process of a cluster is stood in for, and what its streams are. */
export interface StandInOptions {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly machine: string;
  readonly process: string;
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** What each stream begins with. */
  readonly first: () => readonly unknown[];
  /** What is told to every stream once a second. */
  readonly heartbeat: () => unknown;
}

const heartbeatMs = 1000;

/**
 * In the place of a process of a cluster: answers at its address with streams of records (RecordIO, JSON) that a test
 * tells, while the process and its keeper stand aside. Everything else of the cluster is real.
 */
export class StandIn {
  readonly #options: StandInOptions;
  readonly #dir = mkdtempSync(join(tmpdir(), "tutti-stand-in-"));
  readonly #streams = new Set<ServerResponse>();
  #keeper: number | undefined;
  #server: Server | undefined;
  #relay: InsideProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Streams that were begun. */
  subscriptions = 0;

  private constructor(options: StandInOptions) {
    this.#options = options;
  }

  /** Puts the process aside and takes its place. */
  static async take(options: StandInOptions): Promise<StandIn> {
    const standIn = new StandIn(options);
    try {
      await standIn.#putAside();
      await standIn.#listen();
    } catch (error) {
      await standIn.leave();
      throw error;
    }
    return standIn;
  }

  /** Tells records to everybody who listens. */
  tell(records: readonly unknown[]): void {
    for (const stream of this.#streams)
      for (const record of records) stream.write(encodeRecord(JSON.stringify(record)));
  }

  /** Ends all streams. Who comes again is answered. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /** Is not there any more: connections are refused. */
  async vanish(): Promise<void> {
    await this.#relay?.end();
    this.#relay = undefined;
    this.cut();
  }

  /** Is there again. */
  async appear(): Promise<void> {
    const { namespace, address, port } = this.#options;
    const relay = startInside(namespace, "relay.cjs", address, String(port), this.#socket());
    this.#relay = relay;
    await eventually("the stand-in listens", 30_000, () =>
      relay.lines().includes("listening") ? true : undefined,
    );
  }

  /** Gives its place back. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.vanish();
    this.#server?.close();
    this.#server?.closeAllConnections();
    if (this.#keeper !== undefined) process.kill(this.#keeper, "SIGCONT");
    this.#keeper = undefined;
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #putAside(): Promise<void> {
    const { cluster, machine, process: name } = this.#options;
    const found = await cluster.process(machine, name);
    if (found === undefined) throw new Error(`${machine} has no ${name}`);
    const keeper = parentOf(found.pid);
    process.kill(keeper, "SIGSTOP");
    this.#keeper = keeper;
    process.kill(found.pid, "SIGKILL");
  }

  async #listen(): Promise<void> {
    const { path, first, heartbeat } = this.#options;
    const server = createServer((request, response) => {
      request.resume();
      if (request.method !== "POST" || request.url !== path) {
        response.writeHead(404).end();
        return;
      }
      this.subscriptions += 1;
      response.writeHead(200, { "Content-Type": "application/json" });
      for (const record of first()) response.write(encodeRecord(JSON.stringify(record)));
      this.#streams.add(response);
      response.on("close", () => this.#streams.delete(response));
      response.on("error", () => this.#streams.delete(response));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#socket(), resolve));
    this.#timer = setInterval(() => this.tell([heartbeat()]), heartbeatMs);
    await this.appear();
  }

  #socket(): string {
    return join(this.#dir, "socket");
  }
}
