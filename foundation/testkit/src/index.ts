export { coordinationContract } from "./coordination-contract.ts";
export type { ContractCase, ContractWorld } from "./coordination-contract.ts";
