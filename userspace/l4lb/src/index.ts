export type { L4lb, L4lbOptions } from "./l4lb.ts";
export { l4lbStands } from "./shell/standing.ts";
export { openL4lb } from "./shell/open-l4lb.ts";
