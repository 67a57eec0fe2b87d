import { jsonReply, notFoundReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { launchQueue } from "../../core/index.ts";
import { appIdOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";
import { carryOut } from "./commands.ts";

/** `/v2/queue` and `/v2/queue/{id}/delay`. */
export function queueRoutes(service: MarathonService, access: Access): readonly Route[] {
  return [
    {
      path: "/v2/queue",
      methods: {
        GET: (request) => {
          const embeds = request.query.getAll("embed").map((name) => name.replace(/^.*\./u, ""));
          const lastUnusedOffers = embeds.includes("lastUnusedOffers");
          const verdicts = embeds.includes("verdicts");
          return service.readReasons((world, now) =>
            jsonReply(200, { queue: launchQueue(world, now, { lastUnusedOffers, verdicts }) }),
          );
        },
      },
    },
    {
      path: "/v2/queue/*",
      methods: { DELETE: (request) => resetDelay(service, access, request) },
    },
  ];
}

async function resetDelay(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
): Promise<HttpReply> {
  const match = /^(.+)\/delay$/u.exec(request.params["rest"] ?? "");
  if (match === null) return notFoundReply();
  return carryOut(service, access, request, appIdOf(match[1] ?? ""), (appId) => ({
    type: "resetDelay",
    appId,
  }));
}
