export { nodePaths, nodeSessionHeader, nodeVersions } from "./messages.ts";
export type {
  AgentEnvelope,
  AgentHello,
  AgentMessage,
  AgentPost,
  MasterEnvelope,
  MasterMessage,
} from "./messages.ts";
