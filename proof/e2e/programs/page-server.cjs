// Says one word to whoever connects: node page-server.cjs ADDRESS PORT WORD. Prints `listening` once it does.
const net = require("node:net");

const [, , address, port, word] = process.argv;

const server = net.createServer((client) => {
  client.on("error", () => client.destroy());
  client.end(word);
});
server.listen(Number(port), address, () => process.stdout.write("listening\n"));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
