import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideHost, formatShare } from "./divide.ts";

const two = [{ public: false }, { public: false }];

describe("dividing the host among agents", () => {
  it("[MAC7] evenly, less a tenth", () => {
    const host = { cpusMilli: 16_000, memMb: 64_000, diskMb: 500_000 };
    expect(divideHost(host, two, "namespaces")[0]).toMatchObject({
      cpusMilli: 7_200,
      memMb: 28_800,
      diskMb: 225_000,
    });
  });

  it("[MAC7] a small host keeps a gigabyte and five of disk, at most half; every agent has a cpu", () => {
    const host = { cpusMilli: 2_000, memMb: 4_000, diskMb: 6_000 };
    expect(divideHost(host, two, "namespaces")[0]).toMatchObject({
      cpusMilli: 1_000,
      memMb: 1_488,
      diskMb: 1_500,
    });
  });

  it("[MAC7] memory and disk of all agents never exceed the host's", () => {
    fc.assert(
      fc.property(
        fc.record({
          cpusMilli: fc.integer({ min: 1000, max: 256_000 }),
          memMb: fc.integer({ min: 512, max: 2_000_000 }),
          diskMb: fc.integer({ min: 0, max: 20_000_000 }),
        }),
        fc.integer({ min: 1, max: 200 }),
        (host, count) => {
          const agents = Array.from({ length: count }, () => ({ public: false }));
          const shares = divideHost(host, agents, "loopback");
          const sum = (of: (s: (typeof shares)[number]) => number) =>
            shares.reduce((total, share) => total + of(share), 0);
          expect(sum((s) => s.memMb)).toBeLessThanOrEqual(host.memMb);
          expect(sum((s) => s.diskMb)).toBeLessThanOrEqual(host.diskMb);
          const ports = shares
            .flatMap((share) => share.ports)
            .toSorted((a, b) => a.begin - b.begin);
          for (const [index, range] of ports.entries()) {
            expect(range.begin).toBeLessThanOrEqual(range.end);
            expect(range.begin).toBeGreaterThan(ports[index - 1]?.end ?? 1023);
          }
        },
      ),
    );
  });

  it("[MAC8] resources are written as Mesos's flag, a public agent's with their role", () => {
    const [agent, publicAgent] = divideHost(
      { cpusMilli: 4_000, memMb: 10_000, diskMb: 100_000 },
      [{ public: false }, { public: true }],
      "namespaces",
    );
    expect(agent && formatShare(agent, undefined)).toBe(
      "cpus:1.8;mem:4488;disk:45000;ports:[1025-2180,2182-3887,3889-5049,5052-8079,8082-8180,8182-32000]",
    );
    expect(publicAgent && formatShare(publicAgent, "slave_public")).toBe(
      "cpus(slave_public):1.8;mem(slave_public):4488;disk(slave_public):45000;ports(slave_public):[1-21,23-5050,5052-32000]",
    );
  });
});
