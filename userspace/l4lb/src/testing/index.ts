export { vipFact } from "./facts.ts";
export { TestNetwork } from "./namespaces.ts";
export type { Peer, TestMachine } from "./namespaces.ts";
