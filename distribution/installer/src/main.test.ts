import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

test("[CLI3] Ctrl-C while a deployment is waited for: what goes on is told, exit code 130", async () => {
  const deployment = { id: "d-1", affectedApps: ["/web"], steps: [], currentActions: [] };
  const marathon = createServer((request, response) => {
    if (request.url?.startsWith("/v2/events") === true) {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      return;
    }
    const body = JSON.stringify([{ ...deployment, currentStep: 1, totalSteps: 2 }]);
    response.writeHead(200, { "Content-Type": "application/json" }).end(body);
  });
  marathon.listen(0, "127.0.0.1");
  await once(marathon, "listening");
  const url = `http://127.0.0.1:${String((marathon.address() as AddressInfo).port)}`;
  const child = spawn(process.execPath, [main, "deployment", "watch", "--marathon-url", url]);
  try {
    let said = "";
    child.stderr.on("data", (part: Buffer) => {
      said += part.toString();
    });
    const ended = once(child, "exit");
    await expect.poll(() => said, { timeout: 60_000 }).toContain("step 1 of 2");
    child.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    expect(said).toContain("Interrupted; deployment d-1 goes on.");
  } finally {
    child.kill("SIGKILL");
    marathon.closeAllConnections();
    marathon.close();
  }
});

test("[MAC29] the answer of down stands on standard output, with --json for programs alone", async () => {
  const run = async (...more: string[]): Promise<{ stdout: string; stderr: string }> => {
    const child = spawn(process.execPath, [main, "down", "--dir", "/nonexistent/c", ...more]);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].on("data", (part: Buffer) => {
        said[name] += part.toString();
      });
    await once(child, "close");
    return said;
  };
  const text = "no cluster in /nonexistent/c\n";
  expect(await run()).toEqual({ stdout: text, stderr: "" });
  expect(await run("--json")).toEqual({ stdout: '{"ended":[]}\n', stderr: text });
});
