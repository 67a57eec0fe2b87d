import { jsonReply } from "@tutti/http";
import type { HttpReply } from "@tutti/http";
import { refusalBody, refusalStatus } from "@tutti/marathon-v2";
import type { MarathonRefusal } from "@tutti/marathon-v2";
import type { ApiReply } from "../core/index.ts";

/** The answer that refuses, with the status of its code. */
export function refusalReply(refusal: MarathonRefusal): HttpReply {
  const headers = refusal.code === "UNAUTHENTICATED" ? { "WWW-Authenticate": "Bearer" } : undefined;
  return jsonReply(refusalStatus[refusal.code], refusalBody(refusal), headers);
}

/** The answer to a command. */
export function commandReply(reply: ApiReply): HttpReply {
  switch (reply.type) {
    case "appCreated":
      return jsonReply(201, reply.app, {
        Location: `/v2/apps${reply.app.id}`,
        "Marathon-Deployment-Id": reply.deploymentId,
      });
    case "deploymentStarted": {
      const { deploymentId, version, createdApp } = reply;
      return jsonReply(
        createdApp === undefined ? 200 : 201,
        { version, deploymentId },
        {
          "Marathon-Deployment-Id": deploymentId,
          ...(createdApp === undefined ? {} : { Location: `/v2/apps${createdApp}` }),
        },
      );
    }
    case "tasksKilled":
      return jsonReply(200, { tasks: reply.tasks });
    case "deploymentStopped":
      return { status: 202 };
    case "delayReset":
      return { status: 204 };
    case "refused":
      return refusalReply(reply.refusal);
  }
}
