import { resolve } from "node:path";
import { formatTally, isGood } from "./tally.ts";
import { runTests } from "./test-run.ts";

/** `./tutti test [names…]`: everything, or the test files whose paths hold one of the names. */
const tally = await runTests({
  root: resolve(import.meta.dirname, "../../.."),
  names: process.argv.slice(2),
  show: (text) => process.stdout.write(text),
});
console.log(formatTally(tally));
process.exitCode = isGood(tally) ? 0 : 1;
