import type { VersionedApp } from "@tutti/marathon-v2";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ClaimedNames } from "./claimed-names.ts";

/** What `ClaimedNames` reads of a definition. */
function definition(id: string, vips: readonly string[]): VersionedApp {
  const portDefinitions = vips.map((vip) => ({ port: 0, protocol: "tcp", labels: { VIP_0: vip } }));
  return { id, labels: {}, networks: [], portDefinitions } as unknown as VersionedApp;
}

it("[MAR49] whatever is defined, changed and removed, names are those of a book that is begun anew", () => {
  const id = fc.constantFrom("/a", "/b", "/b/a", "/a-b");
  const vip = fc.constantFrom("/x:80", "/X:80", "/y:80", "1.2.3.4:80", "[fd01::1]:80", "none");
  const change = fc.record({ id, vips: fc.option(fc.array(vip, { maxLength: 3 })) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const book = new ClaimedNames("marathon");
      const apps = new Map<string, VersionedApp>();
      for (const { id: app, vips } of changes) {
        const next = vips === null ? undefined : definition(app, vips);
        book.put(app, next);
        apps.delete(app);
        if (next !== undefined) apps.set(app, next);
      }
      const anew = new ClaimedNames("marathon");
      for (const [app, each] of apps) anew.put(app, each);
      for (const app of ["/a", "/b", "/b/a", "/a-b"]) {
        expect(book.namesakesOf(app)).toEqual(anew.namesakesOf(app));
        expect(book.sharedBy(app)).toEqual(anew.sharedBy(app));
      }
    }),
    { numRuns: 300 },
  );
});
