import { jsonReply } from "@tutti/http";
import type { Route } from "@tutti/http";
import { allDeployments } from "../../core/index.ts";
import { commandReply } from "../replies.ts";
import { flagOf, sourceOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";

/** `/v2/deployments`. */
export function deploymentRoutes(service: MarathonService, access: Access): readonly Route[] {
  return [
    {
      path: "/v2/deployments",
      methods: {
        GET: () => service.readReasons((world, now) => jsonReply(200, allDeployments(world, now))),
      },
    },
    {
      path: "/v2/deployments/:id",
      methods: {
        DELETE: async (request) =>
          commandReply(
            await service.command(sourceOf(access, request), {
              type: "cancelDeployment",
              id: request.params["id"] ?? "",
              force: flagOf(request, "force"),
            }),
          ),
      },
    },
  ];
}
