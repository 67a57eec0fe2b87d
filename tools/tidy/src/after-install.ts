import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { completeLock } from "./lock-optionals.ts";

/**
 * Runs after `npm install` in the checkout: completes the lock file, and notes beside the installed
 * packages which lock file they come from, as the launcher does after `npm ci`.
 */
const root = process.cwd();
const lockPath = join(root, "package-lock.json");
const text = readFileSync(lockPath, "utf8");
const complete = completeLock(text);
if (complete !== text) writeFileSync(lockPath, complete);
copyFileSync(lockPath, join(root, "node_modules/.tutti-installed"));
