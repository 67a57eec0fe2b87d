import { present } from "@tutti/base";
import { describe, expect, it } from "vitest";
import { ClusterModel } from "../testing/cluster-model.ts";
import { sequenceRandom } from "../testing/sequence-random.ts";
import { appWarnings } from "./app-warnings.ts";

describe("warnings about an app", () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ["/web", ["/db", "/shop/web"], []],
    ["/a/b", ["/b-a"], ["/b-a"]],
    ["/b-a", ["/a/b", "/c"], ["/a/b"]],
    ["/x.y", ["/x-y", "/y/x", "/y"], ["/x-y, /y/x"]],
  ])("[MAR46] %s beside %j has a name in DNS with %j", (id, others, named) => {
    const model = new ClusterModel(sequenceRandom());
    for (const each of [id, ...others]) {
      model.request({ type: "createApp", input: { id: each, cmd: "run" }, force: false });
    }
    const { world } = model.marathon;
    const warnings = appWarnings(world, present(world.apps.get(id), "the app"));
    expect(warnings).toHaveLength(named.length === 0 ? 0 : 1);
    for (const { code, message } of warnings) {
      expect(code).toBe("NAMES_COLLAPSE");
      for (const other of named) expect(message).toContain(`as ${other}: who asks for it`);
    }
  });
});
