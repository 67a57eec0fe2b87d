import { fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { fileURLToPath } from "node:url";

/**
 * The least that a DNS server in Node can be: it looks for the end of the name only and answers each question with the same ten addresses.
 * What it reaches is what Node's datagrams allow. The port, and how many processes share it.
 */
const [portText = "", processes = "1"] = process.argv.slice(2);
const records = 10;
const record = Buffer.from("c00c00010001000000050004", "hex");
const answers = Buffer.concat(
  Array.from({ length: records }, (_, number) =>
    Buffer.concat([record, Buffer.from([10, 1, 0, number])]),
  ),
);
/** Answer, authoritative; one question, ten answers, nothing else. */
const head = Buffer.from("8400000100" + "0a00000000", "hex");

const socket = createSocket({
  type: "udp4",
  reusePort: true,
  // What it is given is an address already.
  lookup: ((address: string, _options: unknown, done: (...found: unknown[]) => void) =>
    done(null, address, 4)) as never,
});
socket.on("message", (query, { port, address }) => {
  // The question alone: what comes after it is not for the answer.
  const end = query.indexOf(0, 12) + 5;
  const reply = Buffer.allocUnsafe(end + answers.length);
  query.copy(reply, 0, 0, end);
  head.copy(reply, 2);
  answers.copy(reply, end);
  socket.send(reply, port, address);
});
socket.on("error", () => undefined);
socket.bind({ address: "127.0.0.1", port: Number(portText), exclusive: true }, () => {
  socket.setRecvBufferSize(4 * 1024 * 1024);
  socket.setSendBufferSize(4 * 1024 * 1024);
});
if (Number(processes) > 1) {
  const other = fork(fileURLToPath(import.meta.url), [portText, String(Number(processes) - 1)]);
  process.once("SIGTERM", () => {
    other.once("exit", () => process.exit());
    other.kill("SIGTERM");
  });
}
