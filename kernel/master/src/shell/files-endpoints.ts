import { textReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";

/** `/files/…`: the master has no files of its own, so every path is one that is not there. */
export function filesRoutes(): Route[] {
  return [
    { path: "/files/browse", methods: { GET: (request) => answer(request, "") } },
    { path: "/files/read", methods: { GET: (request) => answer(request, "") } },
    { path: "/files/download", methods: { GET: (request) => answer(request, "404 Not Found.") } },
    {
      path: "/files/debug",
      methods: {
        GET: () => ({ status: 200, headers: { "Content-Type": "application/json" }, body: "{}" }),
      },
    },
  ];
}

function answer(request: HttpRequest, text: string): HttpReply {
  if (!request.query.has("path")) return textReply(400, "Expecting 'path=value' in query.\n");
  return textReply(404, text);
}
