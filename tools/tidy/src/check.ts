import { formatGuardResult, guardsOf, runGuards } from "./guards.ts";
import { formatDuration } from "./run-command.ts";

/** `npm run check`: every guard of the checkout; any complaint of any of them ends it with 1. */
const begunMs = performance.now();
const results = await runGuards(guardsOf(process.cwd()), (result) => {
  console.log(formatGuardResult(result));
});
const failed = results.filter((result) => !result.passed);
const names = failed.map((result) => result.name).join(", ");
const duration = formatDuration(performance.now() - begunMs);
console.log(
  failed.length === 0
    ? `all ${results.length} guards passed in ${duration}`
    : `${failed.length} of ${results.length} guards failed in ${duration}: ${names}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
