import { resolve } from "node:path";
import { breaches } from "./laws.ts";
import { formatProblem } from "./problem.ts";
import { readHouse } from "./read-house.ts";

/** Judges a checkout (first argument, or the current directory) and prints each breach on a line. */
const house = readHouse(resolve(process.argv[2] ?? "."));
const problems = breaches(house);
for (const problem of problems) console.log(formatProblem(problem));
console.log(`${house.rooms.length} rooms, ${problems.length} breaches`);
process.exitCode = problems.length === 0 ? 0 : 1;
