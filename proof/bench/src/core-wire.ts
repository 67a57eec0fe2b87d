import { parseMasterEnvelope } from "@tutti/agent";
import { formatMasterEnvelope, parseAgentPost } from "@tutti/master";
import {
  codecFor,
  messages,
  type Codec,
  type SchedulerCall,
  type SchedulerEvent,
} from "@tutti/mesos-v1";
import type { AgentPost, MasterEnvelope } from "@tutti/node-v1";

/** What happens to a message between the core and those around it. */
export interface CoreWire {
  call(call: SchedulerCall): SchedulerCall;
  event(event: SchedulerEvent): SchedulerEvent;
  envelope(envelope: MasterEnvelope): MasterEnvelope;
  post(post: AgentPost): AgentPost;
}

/** Messages are handed over as they are. */
export const noWire: CoreWire = {
  call: (call) => call,
  event: (event) => event,
  envelope: (envelope) => envelope,
  post: (post) => post,
};

/**
 * Every message becomes bytes and is read again, by the very code that the master and the agent use: the
 * scheduler's calls and events in `mediaType`, what goes to agents and comes from them in JSON.
 */
export function codecWire(mediaType: string): CoreWire {
  const codec = codecFor(mediaType);
  if (codec === undefined) throw new Error(`no codec for ${mediaType}`);
  return {
    call: (call) => readAgain(codec, messages.SchedulerCall, call),
    event: (event) => readAgain(codec, messages.SchedulerEvent, event),
    envelope: (envelope) =>
      valueOf(parseMasterEnvelope(new TextEncoder().encode(formatMasterEnvelope(envelope)))),
    post: (post) => {
      const bytes = new TextEncoder().encode(JSON.stringify(post));
      return valueOf(parseAgentPost(new TextDecoder().decode(bytes)));
    },
  };
}

function readAgain<T>(
  codec: Codec,
  descriptor: Parameters<typeof codec.encode<T>>[0],
  message: T,
): T {
  return valueOf(codec.decode(descriptor, codec.encode(descriptor, message)));
}

function valueOf<T>(
  read:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}
