import { utf8Decode } from "@tutti/base";
import { textReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { nodePaths, nodeSessionHeader } from "@tutti/node-v1";
import { limits } from "./limits.ts";
import { parseAgentHello, parseAgentPost } from "./node-messages.ts";
import type { MasterSite } from "./site.ts";
import { principalOf, withLeader } from "./site.ts";

/** The private language of agents: a stream to them and posts from them. Rule MST15. */
export function nodeRoutes(site: MasterSite): Route[] {
  return [
    {
      path: nodePaths.stream,
      methods: { POST: (request) => openStream(site, request) },
      bodyBytesMax: limits.nodeMessageBytesMax,
      streamBufferedBytesMax: limits.streamBufferedBytesMax,
    },
    {
      path: nodePaths.messages,
      methods: { POST: (request) => takePost(site, request) },
      bodyBytesMax: limits.nodeMessageBytesMax,
    },
  ];
}

function openStream(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  return withLeader(site, request, (leader) => {
    const hello = parseAgentHello(utf8Decode(request.body));
    if (!hello.ok) return textReply(400, `This is no hello: ${hello.error.message}`);
    return leader.connections.openAgent(request.signal, (connectionId) => ({
      type: "agentHello",
      connectionId,
      principal: principalOf(site, request),
      hello: hello.value,
    }));
  });
}

function takePost(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  return withLeader(site, request, (leader) => {
    const sessionId = request.headers[nodeSessionHeader];
    if (sessionId === undefined) {
      return textReply(400, `Expecting the header '${nodeSessionHeader}' to be present`);
    }
    const post = parseAgentPost(utf8Decode(request.body));
    if (!post.ok) return textReply(400, `This is no post: ${post.error.message}`);
    return leader.connections.request((requestId) => ({
      type: "agentPost",
      requestId,
      principal: principalOf(site, request),
      sessionId,
      post: post.value,
    }));
  });
}
