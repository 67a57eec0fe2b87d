import type { HttpReply } from "@tutti/http";
import { appNotFound } from "@tutti/marathon-v2";
import type { Now, World } from "../../core/index.ts";
import { refusalReply } from "../replies.ts";
import { appIdOf } from "../requests.ts";
import type { MarathonService } from "../service.ts";

/** Reads something of an app that users see; 404 when there is none. */
export async function withVisibleApp(
  service: MarathonService,
  path: string,
  view: (world: World, now: Now, id: string) => HttpReply,
): Promise<HttpReply> {
  const id = appIdOf(path);
  if (!id.ok) return refusalReply(id.error);
  return service.read((world, now) =>
    world.apps.get(id.value)?.visible === undefined
      ? refusalReply(appNotFound(id.value))
      : view(world, now, id.value),
  );
}
