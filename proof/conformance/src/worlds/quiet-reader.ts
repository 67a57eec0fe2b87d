import { connect } from "node:net";
import type { Socket } from "node:net";

/** Sends a request and reads nothing of its answer: the socket's buffers fill, then the server waits. */
export function readNothing(url: string, head: string, body = ""): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => {
      socket.pause();
      socket.write(`${head}\r\nHost: ${hostname}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      resolve(socket);
    });
    socket.on("error", reject);
  });
}
