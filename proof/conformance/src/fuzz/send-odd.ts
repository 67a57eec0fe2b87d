import { Agent, request as httpRequest } from "node:http";
import type { OddRequest } from "./requests.ts";

const pool = new Agent({ keepAlive: true, maxSockets: 4 });

/** How long any answer may take. */
const patienceMs = 60_000;

/** An answer; of a stream only its head. */
export interface OddAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends a request as it is, its path not made tidy. Rejects when it is not answered. */
export function sendOdd(url: string, request: OddRequest): Promise<OddAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = httpRequest(
      {
        hostname,
        port,
        agent: pool,
        method: request.method,
        path: request.path,
        headers: { ...request.headers, "Content-Length": request.body.length },
        timeout: patienceMs,
      },
      (response) => {
        const status = response.statusCode ?? 0;
        if (response.headers["transfer-encoding"] === "chunked") {
          response.destroy();
          resolve({ status, text: "" });
          return;
        }
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ status, text: Buffer.concat(chunks).toString() }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.on("timeout", () => sent.destroy(new Error(`no answer to ${JSON.stringify(request)}`)));
    sent.end(request.body);
  });
}
