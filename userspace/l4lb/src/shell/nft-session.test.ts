import { readFileSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tableSeals } from "../core/index.ts";
import { TestNetwork } from "../testing/index.ts";
import type { TestMachine } from "../testing/index.ts";
import { limits } from "./limits.ts";
import { NftSession } from "./nft-session.ts";

describe("one nft after the other", () => {
  let network: TestNetwork;
  let machine: TestMachine;
  let session: NftSession;

  beforeEach(() => {
    network = new TestNetwork("s");
    machine = network.machine();
    session = new NftSession(machine.prefix);
  });
  afterEach(() => {
    session.close();
    network.close();
  });

  /** Processes below this one, by id, with the id of their parent and their name. */
  function processes(): ReadonlyMap<number, { readonly parent: number; readonly name: string }> {
    const all = new Map<number, { readonly parent: number; readonly name: string }>();
    for (const id of readdirSync("/proc").map(Number).filter(Boolean)) {
      try {
        const stat = readFileSync(`/proc/${String(id)}/stat`, "utf8");
        const [, name = "", parent = ""] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
        all.set(id, { name, parent: Number(parent) });
      } catch {
        // It ended meanwhile.
      }
    }
    return all;
  }

  /** The shell that this process started, and its nft. */
  function running(): { readonly shells: readonly number[]; readonly nfts: readonly number[] } {
    const all = [...processes()];
    const below = (ids: readonly number[], name: string): readonly number[] =>
      all.filter(([, p]) => ids.includes(p.parent) && p.name === name).map(([id]) => id);
    const shells = below([process.pid], "sh");
    return { shells, nfts: below(shells, "nft") };
  }

  async function until(isSo: () => boolean): Promise<void> {
    const end = performance.now() + 10_000;
    while (!isSo()) {
      if (performance.now() > end) throw new Error("it did not become so");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it("[LB31] after a large transaction the shell has another nft ready, and this process starts none", async () => {
    await session.run("table ip a {}\n");
    const before = running();
    expect([before.shells.length, before.nfts.length]).toEqual([1, 1]);
    await session.run(
      `${"# as long as a whole table\n".repeat(limits.sessionCharactersMax / 27 + 1)}table ip b {}\n`,
    );
    await until(() => running().nfts.some((id) => !before.nfts.includes(id)));
    expect(running().shells).toEqual(before.shells);
    await session.run("table ip c {}\n");
    expect(machine.run(["nft", "list", "tables"])).toBe("table ip a\ntable ip b\ntable ip c\n");
  });

  it("[LB31] an nft that is ended is told as a fault, and the next transaction has another", async () => {
    await session.run("table ip a {}\n");
    for (const id of running().nfts) process.kill(id, "SIGKILL");
    await until(() => running().shells.length === 0);
    await session.run("table ip b {}\n");
    expect(machine.run(["nft", "list", "tables"])).toBe("table ip a\ntable ip b\n");
  });

  it("[LB31] closed, neither the shell nor nft is left", async () => {
    await session.run("table ip a {}\n");
    const { shells, nfts } = running();
    session.close();
    await until(() => [...shells, ...nfts].every((id) => !processes().has(id)));
  });

  it("[LB31] closed, it ends what runs and what waits, and begins nothing anew", async () => {
    await session.run("table ip a {}\n");
    const runs = [session.run("table ip b {}\n"), session.refuses(tableSeals("a", [4]))];
    for (const run of runs) run.catch(() => undefined);
    // The first is told to nft; its answer can come in a later turn only.
    for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
    session.close();
    for (const run of [...runs, session.run("table ip c {}\n")])
      await expect(run).rejects.toMatchObject({ code: "NFT_ENDED" });
    session.start();
    await until(() => running().shells.length === 0);
  });

  it("[LB21] what nft refuses is a fault with its words", async () => {
    await expect(session.run("nonsense\n")).rejects.toMatchObject({ code: "REFUSED" });
    await session.run("table ip a {}\n");
  });
});
