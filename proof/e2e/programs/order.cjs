// Watches names and ways come and go: node order.cjs PORT WORD, with {"name": ADDRESS, …} as JSON lines on stdin. For
// each name, round after round: ask for it, connect to the address whatever was answered, ask again. On the same port
// of this machine a service of its own answers `local`. Broken are: a word from the local service, and a name that
// stands before and after a connection that was not led to WORD. Prints `up NAME`, `down NAME` and `broken …` lines.
const dns = require("node:dns").promises;
const net = require("node:net");

const [, , port, word] = process.argv;
const resolver = new dns.Resolver({ timeout: 2000, tries: 3 });
resolver.setServers(["198.51.100.1"]);

function say(line) {
  process.stdout.write(`${line}\n`);
}

async function isThere(name) {
  try {
    return (await resolver.resolve4(name)).length > 0;
  } catch (error) {
    if (error.code === "ENOTFOUND") return false;
    throw error;
  }
}

function page(address) {
  return new Promise((resolve) => {
    let text = "";
    const socket = net.connect({ host: address, port: Number(port), timeout: 5000 });
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => (text += chunk));
    socket.on("error", (error) => resolve(error.code));
    socket.on("timeout", () => {
      socket.destroy();
      resolve("timeout");
    });
    socket.on("end", () => resolve(text));
  });
}

async function watch(name, address) {
  let wasUp = false;
  for (;;) {
    try {
      const before = await isThere(name);
      const heard = await page(address);
      const after = await isThere(name);
      if (heard === "local") say(`broken ${name}: a service of this machine answered`);
      if (before && after && heard !== word) say(`broken ${name}: named, but not led: ${heard}`);
      if (!wasUp && after && heard === word) {
        wasUp = true;
        say(`up ${name}`);
      }
      if (wasUp && !before && heard !== word) {
        say(`down ${name}`);
        return;
      }
    } catch (error) {
      say(`broken ${name}: ${error.code ?? error.message}`);
      return;
    }
  }
}

let text = "";
const decoy = net.createServer((client) => {
  client.on("error", () => client.destroy());
  client.end("local");
});
decoy.listen(Number(port), "0.0.0.0", () => say("listening"));
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  text += chunk;
  const lines = text.split("\n");
  text = lines.pop();
  for (const line of lines)
    for (const [name, address] of Object.entries(JSON.parse(line))) void watch(name, address);
});
process.stdin.on("end", () => process.exit(0));
