import { ok } from "@tutti/base";
import { jsonReply } from "@tutti/http";
import type { Route } from "@tutti/http";
import { allDeployments } from "../../core/index.ts";
import { flagOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";
import { carryOut } from "./commands.ts";

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
        DELETE: (request) =>
          carryOut(service, access, request, ok(request.params["id"] ?? ""), (id) => ({
            type: "cancelDeployment",
            id,
            force: flagOf(request, "force"),
          })),
      },
    },
  ];
}
