import { openDiscovery } from "@tutti/discovery";
import { bearerGuard, startHttpServer } from "@tutti/http";
import { cryptoRandom, systemClock } from "@tutti/ports/node";

// Discovery alone in a process of its own: the master's URL and a directory; prints its own URL and goes on.
const [masterUrl = "", stateDir = ""] = process.argv.slice(2);
const discovery = await openDiscovery({
  address: "127.0.0.1",
  port: 0,
  masters: [masterUrl],
  secret: undefined,
  stateDir,
  keptTable: () => Promise.resolve(undefined),
  clock: systemClock,
  random: cryptoRandom,
  report: (line) => process.stderr.write(`${line}\n`),
  onFatal: (error) => {
    throw error;
  },
});
const server = await startHttpServer({
  host: "127.0.0.1",
  port: 0,
  routes: discovery.routes,
  guard: bearerGuard({ secret: "", open: true }),
  onError: (error) => {
    throw error;
  },
});
process.stdout.write(`${server.url}\n`);
