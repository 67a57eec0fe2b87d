import { request } from "node:http";

/**
 * Many machines in one process: the URL of discovery and how many. Each follows with a stream of its own and reads
 * all of it; what they read is counted and dropped, because here the server is measured. A line of JSON each second.
 */
const [url = "", count = "0"] = process.argv.slice(2);
let connected = 0;
let ended = 0;
let bytes = 0;

for (let number = 0; number < Number(count); number += 1) {
  const body = JSON.stringify({ versionMin: 1, versionMax: 1, machine: `m${String(number)}` });
  const call = request(`${url}/discovery/v1/stream`, {
    method: "POST",
    agent: false,
    headers: { "Content-Type": "application/json", "Content-Length": body.length },
  });
  call.on("response", (response) => {
    connected += 1;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    response.on("close", () => {
      ended += 1;
    });
  });
  call.on("error", () => {
    ended += 1;
  });
  call.end(body);
}

setInterval(() => {
  process.stdout.write(`${JSON.stringify({ connected, ended, bytes })}\n`);
}, 1000);
