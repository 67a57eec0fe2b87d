import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout this program runs from. */
export const checkout = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** Directory of the cluster: `--dir`, else TUTTI_DIR, else `.tutti` of the checkout. */
export function clusterDir(option: string | undefined): string {
  const named = option ?? process.env["TUTTI_DIR"];
  return named === undefined || named === "" ? join(checkout, ".tutti") : resolve(named);
}
