// Constant load: node visitors.cjs URL PER-SECOND [CONNECTIONS]. Every request looks its name up anew and opens a
// connection of its own; with CONNECTIONS they are kept and used again, so many at once. None is tried again. Prints one JSON line per failure, and at SIGTERM, after the last answer, one with the sums.
const dns = require("node:dns");
const http = require("node:http");

const url = new URL(process.argv[2]);
const everyMs = 1000 / Number(process.argv[3]);
const kept = Number(process.argv[4] ?? 0);
const agent = kept > 0 ? new http.Agent({ keepAlive: true, maxSockets: kept }) : false;
const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
resolver.setServers(["198.51.100.1"]);

const sums = { good: 0, failed: 0, slowestMs: 0, onKept: 0, releases: {} };
let open = 0;
let ending = false;

function failed(begunMs, why) {
  sums.failed += 1;
  process.stdout.write(
    `${JSON.stringify({ atMs: Math.round(performance.now()), tookMs: Math.round(performance.now() - begunMs), why })}\n`,
  );
}

function lookup(host, options, done) {
  resolver.resolve4(host, (error, addresses) => {
    if (error !== null) done(error);
    else if (options.all === true)
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    else done(null, addresses[0], 4);
  });
}

function visit() {
  const begunMs = performance.now();
  open += 1;
  let over = false;
  const end = (why) => {
    if (over) return;
    over = true;
    open -= 1;
    if (why !== undefined) failed(begunMs, why);
    if (ending && open === 0) leave();
  };
  const request = http.get(url, { agent, timeout: 10_000, lookup }, (answer) => {
    let text = "";
    answer.setEncoding("utf8");
    answer.on("data", (chunk) => (text += chunk));
    answer.on("error", (error) => end(error.code ?? error.message));
    answer.on("end", () => {
      if (answer.statusCode !== 200) {
        end(`${answer.statusCode} ${text}`);
        return;
      }
      sums.good += 1;
      if (request.reusedSocket) sums.onKept += 1;
      sums.slowestMs = Math.max(sums.slowestMs, Math.round(performance.now() - begunMs));
      sums.releases[text] = (sums.releases[text] ?? 0) + 1;
      end();
    });
  });
  request.on("timeout", () => request.destroy(new Error("timeout")));
  request.on("error", (error) => end(error.code ?? error.message));
}

function leave() {
  process.stdout.write(`${JSON.stringify(sums)}\n`);
  process.exit(0);
}

const timer = setInterval(visit, everyMs);
process.on("SIGTERM", () => {
  clearInterval(timer);
  ending = true;
  if (open === 0) leave();
});
