// Leads connections to ADDRESS PORT of the network it is started in to a socket file, which is the same in every
// network: node relay.cjs ADDRESS PORT SOCKET. Says `listening` once it does; tries as long as the port is taken.
const net = require("node:net");

const [, , address, port, socket] = process.argv;

const server = net.createServer((client) => {
  const inner = net.connect(socket);
  client.pipe(inner).pipe(client);
  const end = () => {
    client.destroy();
    inner.destroy();
  };
  for (const side of [client, inner]) side.on("error", end).on("close", end);
});
server.on("listening", () => process.stdout.write("listening\n"));
server.on("error", () => setTimeout(listen, 50));

function listen() {
  server.listen(Number(port), address);
}

listen();
// Nobody is left to relay to.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
