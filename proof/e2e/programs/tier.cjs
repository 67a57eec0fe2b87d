// One tier of the three-tier app: node tier.cjs NAME RELEASE [NEXT-URL]. Answers `NAME/RELEASE`, followed by what the
// next tier answered. `GET /health` is 503 once `POST /fail` was asked for; everything else is served all the same.
// With REQUESTS_PER_CONNECTION it ends a connection after so many (`Connection: close`).
// Ends at once on SIGTERM, in the middle of whatever it does: draining is not its business.
const http = require("node:http");

const [, , name, release, next] = process.argv;
let failing = false;

function fetchNext(done) {
  if (next === undefined) {
    done(undefined, "");
    return;
  }
  const request = http.get(next, { agent: false, timeout: 5000 }, (answer) => {
    let text = "";
    answer.setEncoding("utf8");
    answer.on("data", (chunk) => (text += chunk));
    answer.on("end", () =>
      done(answer.statusCode === 200 ? undefined : `${answer.statusCode} ${text}`, ` ${text}`),
    );
    answer.on("error", (error) => done(error.code ?? error.message));
  });
  request.on("timeout", () => request.destroy(new Error("timeout")));
  request.on("error", (error) => done(error.code ?? error.message));
}

const server = http.createServer((request, response) => {
  if (request.url === "/fail") failing = true;
  if (request.url === "/health") {
    response.writeHead(failing ? 503 : 200).end();
    return;
  }
  let answered = false;
  fetchNext((error, text) => {
    if (answered) return;
    answered = true;
    if (error === undefined) response.end(`${name}/${release}${text}`);
    else response.writeHead(502).end(`${name}: ${error}`);
  });
});
server.maxRequestsPerSocket = Number(process.env.REQUESTS_PER_CONNECTION ?? 0);
server.listen(Number(process.env.PORT0), process.env.HOST);
process.on("SIGTERM", () => process.exit(0));
