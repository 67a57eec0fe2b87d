import { jsonReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { embedAll, groupTree } from "../../core/index.ts";
import { refusalReply } from "../replies.ts";
import type { MarathonService } from "../service.ts";

/** `GET /v2/groups`: the tree that the ids of the apps span. `GET /v2/pods`: none in this release. */
export function groupRoutes(service: MarathonService): readonly Route[] {
  return [
    { path: "/v2/groups", methods: { GET: (request) => showGroup(service, request, "/") } },
    {
      path: "/v2/groups/*",
      methods: {
        GET: (request) => showGroup(service, request, `/${request.params["rest"] ?? ""}`),
      },
    },
    { path: "/v2/pods", methods: { GET: () => jsonReply(200, []) } },
  ];
}

function showGroup(service: MarathonService, request: HttpRequest, id: string): Promise<HttpReply> {
  const wanted = request.query.getAll("embed");
  const embed =
    wanted.length === 0
      ? embedAll
      : { counts: true, deployments: true, tasks: wanted.includes("group.apps.tasks") };
  return service.read((world, now) => {
    const group = groupTree(world, now, id, embed);
    return group === undefined
      ? refusalReply({ code: "NOT_FOUND", message: `Group '${id}' does not exist` })
      : jsonReply(200, group);
  });
}
