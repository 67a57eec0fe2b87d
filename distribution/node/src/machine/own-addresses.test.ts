import { TestNetwork } from "@tutti/l4lb/testing";
import { afterAll, expect, test } from "vitest";
import { restoreOwnAddresses } from "./own-addresses.ts";

const network = new TestNetwork("o");
afterAll(() => network.close());

test("[FWD59] an address of the DNS that is lost is put on lo again, and no other is", async () => {
  const here = network.machine();
  const reports: string[] = [];
  const addresses = ["198.51.100.1", "198.51.100.2", "10.97.0.200", "127.0.0.1"];
  const look = () => restoreOwnAddresses(addresses, (line) => void reports.push(line), here.prefix);
  const onLo = (): readonly string[] =>
    here
      .run(["ip", "-o", "-4", "addr", "show", "dev", "lo"])
      .split("\n")
      .flatMap((line) => /inet (\S+)/.exec(line)?.[1] ?? []);
  here.run(["ip", "addr", "add", "198.51.100.1/32", "dev", "lo"]);
  here.run(["ip", "addr", "add", "198.51.100.2/32", "dev", "lo"]);
  await look();
  expect(reports).toEqual([]);
  here.run(["ip", "addr", "del", "198.51.100.1/32", "dev", "lo"]);
  await look();
  await look();
  expect(onLo().toSorted()).toEqual(["127.0.0.1/8", "198.51.100.1/32", "198.51.100.2/32"]);
  expect(reports).toEqual(["198.51.100.1 was not there any more: it is on lo again"]);
});

test("[FWD59] where the process itself sees all of them no tool is started", async () => {
  const reports: string[] = [];
  const addresses = ["198.51.100.1", "198.51.100.2", "10.97.0.200"];
  const report = (line: string): void => void reports.push(line);
  const look = (seen: readonly string[]): Promise<void> =>
    restoreOwnAddresses(addresses, report, ["no-such-tool-of-any-machine"], () => seen);
  await look(["127.0.0.1", "198.51.100.2", "198.51.100.1"]);
  await expect(look(["127.0.0.1", "198.51.100.1"])).rejects.toThrow("ENOENT");
});
