// Asks for names and pages without a pause and compares: node witness.cjs, with one JSON line on stdin,
// {"names": [["A"|"SRV", NAME, [ANSWER, …]], …], "pages": [[URL, TEXT], …]}. An answer is an address, or `target:port`;
// nothing is kept from one question to the next and none is asked twice. Prints one line `wrong …` for each other
// answer, and at SIGTERM one with the number of good ones as JSON.
const dns = require("node:dns");
const http = require("node:http");

const everyMs = 50;
const resolver = new dns.promises.Resolver({ timeout: 3000, tries: 2 });
resolver.setServers(["198.51.100.1"]);
const sums = {};

async function answer(type, name) {
  if (type === "A") return (await resolver.resolve4(name)).toSorted();
  const services = await resolver.resolveSrv(name);
  return services.map(({ name: target, port }) => `${target}:${port}`).toSorted();
}

async function page(url) {
  const { hostname } = new URL(url);
  const [address] = await resolver.resolve4(hostname);
  return new Promise((resolve, reject) => {
    const to = { agent: false, timeout: 10_000, headers: { host: hostname } };
    const request = http.get(url.replace(hostname, address), to, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", reject);
  });
}

async function watch(what, ask, expected) {
  sums[what] = 0;
  for (;;) {
    const found = await ask().catch((error) => error.code ?? error.message);
    if (String(found) === String(expected)) sums[what] += 1;
    else process.stdout.write(`wrong ${what}: ${found}\n`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

process.stdin.once("data", (chunk) => {
  const { names, pages } = JSON.parse(chunk);
  for (const [type, name, expected] of names)
    void watch(`${type} ${name}`, () => answer(type, name), expected);
  for (const [url, text] of pages) void watch(url, () => page(url), `200 ${text}`);
});
process.stdin.on("end", () => process.exit(0));
process.on("SIGTERM", () => {
  process.stdout.write(`${JSON.stringify(sums)}\n`, () => process.exit(0));
});
