import { encodeRecord, startHttpServer, textReply } from "@tutti/http";
import type { HttpServer, StreamWriter } from "@tutti/http";
import { nodePaths, nodeSessionHeader } from "@tutti/node-v1";
import type { AgentHello, AgentPost } from "@tutti/node-v1";
import { SimulatedMaster } from "../../core/testing/simulated-master.ts";

/** The simulated master behind real HTTP, as an agent's shell meets it. */
export interface HttpMaster {
  readonly master: SimulatedMaster;
  readonly url: string;
  /** Cuts the stream. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts one on a free port of the loopback address. */
export async function startHttpMaster(options: {
  readonly agentId: string;
  readonly secret: string;
  /** Answers 307 to this address instead of opening streams. */
  readonly leader?: string;
}): Promise<HttpMaster> {
  let writer: StreamWriter | undefined;
  let streams = 0;
  const master = new SimulatedMaster(options.agentId, (_dial, envelope) => {
    writer?.write(encodeRecord(JSON.stringify(envelope)));
  });
  const server: HttpServer = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [
      {
        path: nodePaths.stream,
        methods: {
          POST: (request) => {
            if (request.headers["authorization"] !== `Bearer ${options.secret}`) {
              return textReply(401, "no");
            }
            if (options.leader !== undefined) {
              const location = `${options.leader.replace("http:", "")}${nodePaths.stream}`;
              return { status: 307, headers: { Location: location } };
            }
            const hello = JSON.parse(new TextDecoder().decode(request.body)) as AgentHello;
            streams += 1;
            const dial = streams;
            return {
              status: 200,
              headers: { "Content-Type": "application/recordio" },
              stream: (opened) => {
                writer = opened;
                opened.closed.addEventListener("abort", () => {
                  if (writer === opened) master.close();
                });
                master.open(dial, hello);
              },
            };
          },
        },
      },
      {
        path: nodePaths.messages,
        methods: {
          POST: (request) => {
            const post = JSON.parse(new TextDecoder().decode(request.body)) as AgentPost;
            return { status: master.post(request.headers[nodeSessionHeader] ?? "", post) };
          },
        },
      },
    ],
    onError: (error) => {
      throw error;
    },
  });
  return {
    master,
    url: server.url,
    cut: () => writer?.destroy(),
    close: () => server.close(),
  };
}
