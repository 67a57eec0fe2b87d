import { connect } from "node:net";
import type { HttpServer } from "../index.ts";

/** Sends bytes as they are and returns all that comes back until the server closes, or `until` is seen. */
export function wire(server: HttpServer, sent: readonly string[], until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1");
    let received = "";
    const finish = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.on("connect", () => {
      for (const part of sent) socket.write(part, "latin1");
    });
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (until !== undefined && received.includes(until)) finish();
    });
    socket.on("close", finish).on("error", reject);
  });
}

/** A GET request as bytes. */
export const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, "Host: localhost", ...headers, "", ""].join("\r\n");
