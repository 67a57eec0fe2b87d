import { defineConfig } from "vitest/config";

/** Rooms and cores without a shell: their tests share one process per worker, which saves start-up. */
const pure = [
  "foundation/{base,machine,testkit}/src/**/*.test.ts",
  "protocol/*/src/**/*.test.ts",
  "kernel/{allocator,executor}/src/**/*.test.ts",
  "distribution/simulator/src/**/*.test.ts",
  "sdk/src/core/**/*.test.ts",
  "{foundation,kernel,userspace}/*/src/core/**/*.test.ts",
];

const never = ["**/node_modules/**", ".tutti/**", "coverage/**"];

const secondMs = 1000;

/** More than any wait of a test, so that what did not happen is told by name: waits end after a minute. */
const patienceMs = 180 * secondMs;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "pure",
          include: pure,
          exclude: never,
          isolate: false,
          testTimeout: patienceMs,
        },
      },
      {
        test: {
          name: "shells",
          include: [
            "{foundation,kernel,userspace,interfaces,distribution,tools}/*/src/**/*.test.ts",
            "sdk/{src,examples}/**/*.test.ts",
          ],
          exclude: [...never, ...pure],
          testTimeout: patienceMs,
          hookTimeout: patienceMs,
        },
      },
      {
        test: {
          name: "sim",
          // As `./tutti sim` runs them.
          execArgv: [
            "--min-semi-space-size=128",
            "--max-semi-space-size=128",
            "--single-threaded-gc",
            "--always-sparkplug",
          ],
          include: ["proof/*/src/**/*.test.ts"],
          exclude: [...never, "proof/e2e/**"],
          // The seeds are work for every core; by default one is left idle.
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
          testTimeout: 600 * secondMs,
          hookTimeout: 60 * secondMs,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["proof/e2e/src/**/*.test.ts"],
          exclude: never,
          fileParallelism: false,
          testTimeout: 600 * secondMs,
          hookTimeout: 600 * secondMs,
        },
      },
    ],
  },
});
