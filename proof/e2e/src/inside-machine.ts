import { execFile } from "node:child_process";

/** What a client on a machine found. */
export interface ClientAnswer {
  /** Addresses of the name. */
  readonly addresses: readonly string[];
  /** Bodies of the pages, in order; an error's code in place of each that failed. */
  readonly pages: readonly string[];
}

/** A client for `node -e`: asks 198.51.100.1 with c-ares, then fetches pages from the address it got. */
const clientScript = `
const { Resolver } = require("node:dns").promises;
const http = require("node:http");
const { name, port, count } = JSON.parse(process.argv[1]);
const get = (host) => new Promise((resolve) => {
  const request = http.get({ host, port, path: "/", timeout: 3000, agent: false }, (answer) => {
    let text = "";
    answer.on("data", (chunk) => (text += chunk));
    answer.on("end", () => resolve(text.trim()));
  });
  request.on("timeout", () => request.destroy(Object.assign(new Error(), { code: "TIMEOUT" })));
  request.on("error", (error) => resolve(error.code));
});
(async () => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers(["198.51.100.1"]);
  const addresses = /^[0-9.]+$|:/.test(name) ? [name] : await resolver.resolve4(name).catch(() => []);
  const pages = [];
  for (let number = 0; number < count && addresses.length > 0; number += 1)
    pages.push(await get(addresses[number % addresses.length]));
  process.stdout.write(JSON.stringify({ addresses, pages }));
})();
`;

/** Runs a command in the network of a machine; answers its output, "" when it failed. */
export function inside(namespace: string, ...command: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      "nsenter",
      [`--net=/run/netns/${namespace}`, "--", ...command],
      { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout) => resolve(error === null ? stdout : ""),
    );
  });
}

/** Resolves a name on a machine, as a program there would, and fetches `count` pages from what it found. */
export async function askInside(
  namespace: string,
  question: { readonly name: string; readonly port: number; readonly count: number },
): Promise<ClientAnswer> {
  const text = await inside(
    namespace,
    process.execPath,
    "-e",
    clientScript,
    JSON.stringify(question),
  );
  return text === "" ? { addresses: [], pages: [] } : (JSON.parse(text) as ClientAnswer);
}
