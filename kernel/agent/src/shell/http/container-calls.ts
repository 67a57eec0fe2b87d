import { textReply } from "@tutti/http";
import type { HttpReply } from "@tutti/http";
import type { AgentCall, ContainerID } from "@tutti/mesos-v1";

/**
 * Calls about containers that are not tasks of this agent: refused as Mesos refuses those of containers it does not
 * know (recorded). Undefined: no such call, or one about a container that exists.
 */
export function refuseUnknownContainer(
  call: AgentCall,
  isKnown: (containerId: string) => boolean,
): HttpReply | undefined {
  const id = containerOf(call);
  if (call.type === "ATTACH_CONTAINER_INPUT") {
    return textReply(
      415,
      "Expecting 'Content-Type' to be application/recordio for ATTACH_CONTAINER_INPUT call",
    );
  }
  if (id === undefined || isKnown(rootOf(id))) return undefined;
  switch (call.type) {
    case "LAUNCH_NESTED_CONTAINER":
    case "LAUNCH_NESTED_CONTAINER_SESSION":
      return textReply(400, launchRefusal(call.type, id));
    case "WAIT_CONTAINER":
    case "WAIT_NESTED_CONTAINER":
    case "ATTACH_CONTAINER_OUTPUT":
      return textReply(404, `Container ${nameOf(id)} cannot be found`);
    case "KILL_CONTAINER":
    case "KILL_NESTED_CONTAINER":
      return textReply(404, `Container '${nameOf(id)}' cannot be found (or is already killed)`);
    case "REMOVE_NESTED_CONTAINER":
      return textReply(500, "Unknown root container");
    default:
      return undefined;
  }
}

function launchRefusal(type: string, id: ContainerID): string {
  if (id.parent !== undefined) return `Parent container ${nameOf(id.parent)} does not exist`;
  const field = `${type.toLowerCase()}.container_id.parent`;
  return `Failed to validate agent::Call: Expecting '${field}' to be present`;
}

/** The container that a call is about. */
function containerOf(call: AgentCall): ContainerID | undefined {
  return (
    call.launch_nested_container ??
    call.launch_nested_container_session ??
    call.wait_container ??
    call.wait_nested_container ??
    call.kill_container ??
    call.kill_nested_container ??
    call.remove_nested_container ??
    call.attach_container_output
  )?.container_id;
}

function rootOf(id: ContainerID): string {
  return id.parent === undefined ? id.value : rootOf(id.parent);
}

/** Mesos writes a nested container as `parent.child`. */
function nameOf(id: ContainerID): string {
  return id.parent === undefined ? id.value : `${nameOf(id.parent)}.${id.value}`;
}
