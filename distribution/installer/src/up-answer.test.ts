import { describe, expect, it } from "vitest";
import type { ClusterFile } from "./plan/cluster-file.ts";
import { formatUp } from "./up-answer.ts";

const agents = [
  { name: "agent1", ip: "10.213.0.10", public: false },
  { name: "agent2", ip: "10.213.0.11", public: false },
  { name: "public1", ip: "10.213.0.12", public: true },
];
const cluster = {
  id: "abc123",
  name: "tutti-abc123",
  network: "namespaces",
  open: false,
  secret: "s3",
  masterUrl: "http://10.213.0.2:5050",
  marathonUrl: "http://10.213.0.2:8080",
  agents,
} as unknown as ClusterFile;

describe("what up tells people", () => {
  it("[MAC29] addresses, the secret and what to do next", () => {
    const sample = ["http://10.213.0.10:1025/"];
    const text = formatUp({ cluster, ranAlready: false, sample, leftOut: [] }, "/tmp/c");
    expect(text).toContain("tutti-abc123 is up: 1 master, 2 private and 1 public agents\n");
    expect(text).toContain("  sample    http://10.213.0.10:1025/\n");
    expect(text).toContain("Authorization: Bearer s3\n");
    expect(text).toContain("./tutti app list --dir /tmp/c\n");
    expect(text).not.toContain("left out");
  });

  it("[MAC30] a machine that was removed is not counted, and the way back is told", () => {
    const dir = "/tmp/my cluster";
    const text = formatUp({ cluster, ranAlready: true, sample: [], leftOut: ["agent1"] }, dir);
    expect(text).toContain("runs already: 1 master, 1 private and 1 public agents\n");
    expect(text).toContain("  left out  agent1, which was removed for ever");
    expect(text).toContain("rm -rf '/tmp/my cluster/machines/agent1/work', then ./tutti up --dir");
  });
});
