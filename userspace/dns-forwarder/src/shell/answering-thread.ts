import { parentPort, workerData } from "node:worker_threads";
import { StampTable, ThreadResponder } from "@tutti/dns";
import { startDnsServer, type Client } from "@tutti/dns-sockets";
import { limits } from "../core/limits.ts";
import type { FromThread, ThreadBeginning, ToThread } from "./thread-messages.ts";

// Another thread: it shares the port with the first and answers what it has been given once.
const beginning = workerData as ThreadBeginning;
const responder = new ThreadResponder({
  stampTables: beginning.stampMemories.map((memory) => new StampTable(memory)),
  recursionAvailable: true,
  counts: new Float64Array(beginning.countMemory),
  allocate: (byteCount) => Buffer.allocUnsafe(byteCount),
});
const waiting = new Map<number, { readonly query: Uint8Array; readonly client: Client }>();
let lastNumber = 0;

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

function receive(message: Uint8Array, client: Client): void {
  const reply = responder.respond(message, client.transport);
  if (reply === undefined) return;
  if (reply !== "ask") {
    client.reply(reply);
    return;
  }
  // Who asks more than the other thread can answer is not answered: datagrams may be lost.
  if (waiting.size >= limits.threadWaitingMax) return;
  lastNumber += 1;
  const query = new Uint8Array(message);
  waiting.set(lastNumber, { query, client });
  tell({ type: "ask", number: lastNumber, query, address: client.address });
}

parentPort?.on("message", (message: ToThread) => {
  const waiter = waiting.get(message.number);
  if (waiter === undefined) return;
  waiting.delete(message.number);
  const { query, client } = waiter;
  if (message.type === "reply") client.reply(message.reply);
  else if (message.type === "answer") {
    client.reply(responder.take(query, client.transport, message.fresh));
  }
});

for (const endpoint of beginning.endpoints) {
  await startDnsServer({ ...endpoint, receive, sharePort: true, udpOnly: true });
}
tell({ type: "serving" });
