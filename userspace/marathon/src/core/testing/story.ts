import type { AppInput } from "@tutti/marathon-v2";
import type { ApiReply } from "../types.ts";
import { whyDeploymentWaits } from "../views/why.ts";
import { ClusterModel } from "./cluster-model.ts";
import { sequenceRandom } from "./sequence-random.ts";

/**
 * Tells a story: every command and all that came of it, as text. Commands:
 * `agent HOST [cpus=N] [role=R]`, `post|put JSON`, `restart|delete|tasks ID`, `run MS`, `crash`,
 * `partition|heal HOST`, `fail ID`, `why`, `start MS`, `stop MS` (how long tasks take).
 */
export function tellStory(commands: readonly string[]): string {
  const model = new ClusterModel(sequenceRandom());
  const lines: string[] = [];
  for (const command of commands) {
    lines.push(`> ${command}`);
    model.narrative.length = 0;
    const answer = perform(model, command);
    if (answer !== "") lines.push(`= ${answer}`);
    lines.push(...model.narrative.filter((line) => !line.includes("api_post_event")), "");
  }
  return lines.join("\n");
}

function perform(model: ClusterModel, command: string): string {
  const [word = "", ...rest] = command.split(" ");
  const text = rest.join(" ");
  switch (word) {
    case "agent":
      model.addAgent(agentOf(rest));
      return "";
    case "connect":
      model.connect();
      return "";
    case "post":
      return answerOf(model.request({ type: "createApp", input: inputOf(text), force: false }));
    case "put":
      return update(model, inputOf(text), false);
    case "force":
      return update(model, inputOf(text), true);
    case "restart":
      return answerOf(model.request({ type: "restartApp", id: text, force: false }));
    case "delete":
      return answerOf(model.request({ type: "deleteApp", id: text, force: false }));
    case "rollback":
      return answerOf(model.request({ type: "cancelDeployment", id: text, force: false }));
    case "run":
      model.run(Number(text));
      return "";
    case "start":
      model.behaviour.startMs = Number(text);
      return "";
    case "stop":
      model.behaviour.stopMs = Number(text);
      return "";
    case "crash":
      model.crash();
      model.connect();
      return "";
    case "tasks":
      return tasksOf(model, text);
    case "why":
      return [...model.marathon.world.deployments.values()]
        .map((deployment) => whyDeploymentWaits(model.marathon.world, model.env(), deployment))
        .join(" ");
    default:
      return performFault(model, word, text);
  }
}

function performFault(model: ClusterModel, word: string, text: string): string {
  const agent = model.agents.find(({ host }) => host === text);
  if (word === "partition" && agent !== undefined) model.partition(agent);
  else if (word === "heal" && agent !== undefined) model.heal(agent);
  else if (word === "fail") {
    const [task] = model.alive(text);
    if (task !== undefined) model.end(task, "TASK_FAILED", "Command exited with status 1");
  } else return `unknown command ${word}`;
  return "";
}

function update(model: ClusterModel, input: AppInput, force: boolean): string {
  const mode = { partial: true, create: true, force };
  return answerOf(model.request({ type: "updateApp", id: input.id ?? "", input, ...mode }));
}

function inputOf(text: string): AppInput {
  return JSON.parse(text) as AppInput;
}

function agentOf(words: readonly string[]): { readonly host: string; readonly cpus?: number } {
  const [host = "", ...options] = words;
  const cpus = options.find((option) => option.startsWith("cpus="))?.slice(5);
  return cpus === undefined ? { host } : { host, cpus: Number(cpus) };
}

function answerOf(reply: ApiReply | undefined): string {
  if (reply === undefined) return "no answer";
  if (reply.type === "refused") return `refused: ${reply.refusal.code} ${reply.refusal.message}`;
  return reply.type;
}

function tasksOf(model: ClusterModel, appId: string): string {
  return model
    .alive(appId)
    .map(({ info, agent, state }) => `${info.task_id.value} on ${agent.host} ${state}`)
    .join(", ");
}
