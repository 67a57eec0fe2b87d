import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A connection of a client, with the answers that are due on it. */
export interface Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** In the order of their requests. */
  readonly due: ServerResponse[];
}

/**
 * The connections of one server. Closing ends those that are idle at once and the others with their
 * last answer.
 */
export class Connections {
  readonly #connections = new Map<Socket, Connection>();
  #isClosing = false;

  /** Keeps a connection until it is closed. */
  add(socket: Socket): void {
    const { remoteAddress = "", remotePort = 0 } = socket;
    this.#connections.set(socket, { remoteAddress, remotePort, due: [] });
    socket.once("close", () => this.#connections.delete(socket));
  }

  /** An answer is due on the connection of `response`, until it has been sent or the connection is gone. */
  expect(socket: Socket, response: ServerResponse): Connection {
    const connection = this.#connections.get(socket) ?? {
      remoteAddress: "",
      remotePort: 0,
      due: [],
    };
    connection.due.push(response);
    if (this.#isClosing) response.setHeader("Connection", "close");
    response.on("close", () => this.#answered(socket, connection, response));
    return connection;
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

  #answered(socket: Socket, { due }: Connection, response: ServerResponse): void {
    if (due[0] === response) due.shift();
    else due.splice(due.indexOf(response), 1);
    if (this.#isClosing && due.length === 0) socket.destroySoon();
  }
}
