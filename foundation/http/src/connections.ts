import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { limits } from "./limits.ts";

/** A connection of a client, with the answers that are due on it. */
export interface Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** In the order of their requests. */
  readonly due: ServerResponse[];
  /** Requests that came while an answer before theirs was due, not yet looked at. */
  readonly waiting: (() => void)[];
}

/**
 * The connections of one server. Of one connection one request is handled at a time, and in a turn of the event
 * loop no more than one: a client that sends many in one packet does not keep others from theirs. Closing ends those that are idle at once and the others with their
 * last answer.
 */
export class Connections {
  readonly #connections = new Map<Socket, Connection>();
  #isClosing = false;

  /** Keeps a connection until it is closed. */
  add(socket: Socket): void {
    const { remoteAddress = "", remotePort = 0 } = socket;
    const connection: Connection = { remoteAddress, remotePort, due: [], waiting: [] };
    this.#connections.set(socket, connection);
    socket.once("close", () => {
      connection.waiting.length = 0;
      this.#connections.delete(socket);
    });
  }

  /** An answer is due on the connection of `response`, until it has been sent or the connection is gone. */
  expect(socket: Socket, response: ServerResponse): Connection {
    const connection = this.#connections.get(socket) ?? {
      remoteAddress: "",
      remotePort: 0,
      due: [],
      waiting: [],
    };
    connection.due.push(response);
    if (this.#isClosing) response.setHeader("Connection", "close");
    response.on("close", () => this.#answered(socket, connection, response));
    return connection;
  }

  /**
   * Handles a request now, or when the answers before its own are sent. A client that sends on without reading is
   * cut off: Node's parser cannot be stopped in the middle, so what waits has to have an end.
   */
  handle(socket: Socket, connection: Connection, handle: () => void): void {
    if (connection.due.length === 1) {
      handle();
      return;
    }
    if (connection.waiting.length < limits.pipelinedRequestsMax) connection.waiting.push(handle);
    else socket.destroy();
  }

  /** Whether an answer on this connection has begun. */
  isAnswering(socket: Socket): boolean {
    return this.#connections.get(socket)?.due.some((response) => response.headersSent) ?? false;
  }

  close(): void {
    this.#isClosing = true;
    for (const [socket, { due }] of this.#connections) {
      if (due.length === 0) socket.destroy();
    }
  }

  #answered(socket: Socket, connection: Connection, response: ServerResponse): void {
    const { due, waiting } = connection;
    if (due[0] === response) due.shift();
    else due.splice(due.indexOf(response), 1);
    if (waiting.length > 0) setImmediate(() => waiting.shift()?.());
    if (this.#isClosing && due.length === 0) socket.destroySoon();
  }
}
