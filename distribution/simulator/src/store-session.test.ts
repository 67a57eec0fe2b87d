import { describe, test } from "vitest";
import { utf8Encode } from "@tutti/base";
import {
  ensembleName,
  sessionContract,
  SimulatedEnsemble,
  SimulatedNetwork,
  SimulatedWorld,
} from "@tutti/testkit";
import type { SessionWorld } from "@tutti/testkit";
import { defaultClusterOptions } from "./options.ts";
import { Sabotage } from "./sabotage.ts";
import type { Site } from "./site.ts";
import { StoreSession } from "./store-session.ts";
import { WireCodec } from "./wire-codec.ts";

/** A world cannot need more events than this for one case. */
const eventsMax = 100_000;

function siteOf(world: SimulatedWorld): Site {
  return {
    world,
    network: new SimulatedNetwork(world),
    options: { ...defaultClusterOptions, masters: 2 },
    codec: new WireCodec(0, world.random.fork("codec")),
    sabotage: new Sabotage(),
    random: world.random.fork("machines"),
    sessions: new Map(),
    masterUrls: [],
    observe: () => undefined,
    fatal: (_node, error) => {
      throw error;
    },
  };
}

function sessionsOf(seed: number): SessionWorld {
  const world = new SimulatedWorld({ seed });
  const site = siteOf(world);
  const { network } = site;
  const place = {
    ensemble: new SimulatedEnsemble(),
    name: ensembleName,
    kind: "shared",
    faults: new Map(),
  } as const;
  const open = (name: string) => new StoreSession(site, world.addNode(name), place);
  const sessions = { a: open("a"), b: open("b") };
  return {
    timeoutMs: 10_000,
    nowMs: () => world.nowMs(),
    stand: (name) => {
      const told = { isLeading: false, isLost: false };
      const won = (): void => void (told.isLeading = true);
      const lost = (): void => void (told.isLost = true);
      sessions[name].elect("e", utf8Encode(name), won, lost);
      return { isLeading: () => told.isLeading, isLost: () => told.isLost };
    },
    cut: (direction) => {
      for (const other of ["b", ensembleName]) {
        if (direction !== "in") network.cut("a", other);
        if (direction !== "out") network.cut(other, "a");
      }
    },
    mend: () => network.heal(),
    pause: () => world.node("a").pause(),
    resume: (first) => world.node("a").resume(first),
    until: (condition) => {
      for (let event = 0; event < eventsMax; event += 1) {
        if (condition()) return Promise.resolve();
        world.step();
      }
      return Promise.reject(new Error("it did not come to pass"));
    },
  };
}

describe("the session of a simulated process", () => {
  test.each(sessionContract)("$title", ({ run }) => run(sessionsOf(1)));
});
