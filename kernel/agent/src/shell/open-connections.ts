import { readFile } from "node:fs/promises";

/** States of /proc/net/tcp in which somebody waits for an answer: ESTABLISHED, SYN_RECV, CLOSE_WAIT. */
const waitingStates = new Set(["01", "03", "08"]);

/**
 * Whether somebody is connected to one of these ports, seen from the network that the process `pid` has. False where
 * that cannot be read: the process has gone.
 */
export async function hasConnections(pid: number, ports: readonly number[]): Promise<boolean> {
  const wanted = new Set(ports.map((port) => port.toString(16).toUpperCase().padStart(4, "0")));
  for (const name of ["tcp", "tcp6"]) {
    const text = await readFile(`/proc/${String(pid)}/net/${name}`, "latin1").catch(() => "");
    if (hasWaiting(text, wanted)) return true;
  }
  return false;
}

/** `text`: /proc/net/tcp; `ports`: four hexadecimal digits each. */
function hasWaiting(text: string, ports: ReadonlySet<string>): boolean {
  for (const line of text.split("\n")) {
    const [, local = "", , state = ""] = line.trim().split(/\s+/, 4);
    if (waitingStates.has(state) && ports.has(local.slice(-4))) return true;
  }
  return false;
}
