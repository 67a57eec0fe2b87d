import type { ContainerInfo } from "@tutti/mesos-v1";

/** What is wrong with a task's container; undefined when nothing is. Rule MST56. */
export function faultOfContainer(container: ContainerInfo | undefined): string | undefined {
  if (container === undefined) return undefined;
  if (container.type === "DOCKER" && container.docker === undefined) {
    return "Task's `ContainerInfo` is invalid: DockerInfo 'docker' is not set for DOCKER typed ContainerInfo";
  }
  if (container.type === "DOCKER") {
    return "Containers of type DOCKER are not supported by this release; use type MESOS without an image";
  }
  if (container.mesos?.image !== undefined) {
    return "Container images are not supported by this release; leave 'container.mesos.image' out";
  }
  for (const volume of container.volumes ?? []) {
    if (volume.host_path !== undefined && volume.image !== undefined) {
      return "Task's `ContainerInfo` is invalid: Only one of them should be set: 'host_path' and 'image'";
    }
  }
  return undefined;
}
