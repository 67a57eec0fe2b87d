import { describe, expect, it } from "vitest";
import { launchOf, MasterStory, sleeper } from "./testing/story.ts";

const f0 = { value: "m0-0000" };

/** What was told, without what every line has. */
function told(story: MasterStory): string[] {
  return story.log.splice(0).map((entry) => {
    const words = Object.entries(entry).filter(([name]) => !["what", "name"].includes(name));
    return [entry.what, ...words.map(([name, value]) => `${name}=${String(value)}`)].join(" ");
  });
}

describe("[MST100] the log", () => {
  it("tells of agents: admitted, away, back, unreachable, refused", () => {
    const story = new MasterStory();
    expect(told(story)).toEqual([
      "leading masterId=m0 epoch=1 agentsExpected=0 agentsUnreachable=0 weights=0 withinMs=600000",
    ]);
    story.hello("a0");
    story.post("a0", []);
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.hello("a0", { id: "m0-S0", connection: "again" });
    story.send({ type: "agentDisconnected", connectionId: "again" });
    story.advance(90_000);
    story.hello("a0", { id: "m0-S0", connection: "late" });
    story.hello("a0", { id: "m0-S0", connection: "twice" });
    story.hello("", { connection: "nameless" });
    story.hello("b0", { connection: "newer", epochSeen: 7 });
    story.send({ type: "stalled", stalledMs: 20_000 });
    expect(told(story)).toEqual([
      "agentAdmitted agentId=m0-S0 hostname=a0 tasks=0",
      "agentDisconnected agentId=m0-S0 hostname=a0 tasks=0",
      "agentReturned agentId=m0-S0 hostname=a0 from=disconnected tasks=0",
      "agentDisconnected agentId=m0-S0 hostname=a0 tasks=0",
      "agentUnreachable agentId=m0-S0 hostname=a0 why=pings tasks=0",
      "agentReturned agentId=m0-S0 hostname=a0 from=unreachable tasks=0",
      "agentReturned agentId=m0-S0 hostname=a0 from=connected tasks=0",
      "agentRefused hostname= code=HOSTNAME_MISSING reason=hostname is empty",
      "laterLeaderSeen epochSeen=7 epoch=1",
      "agentRefused hostname=b0 code=LEADER_STALE reason=this master leads in epoch 1, the agent has obeyed 7",
      "stalled stalledMs=20000",
    ]);
  });

  it("tells of frameworks: subscribed, refused, away, back, failed over, ended and why", () => {
    const story = new MasterStory();
    story.log.length = 0;
    const first = story.subscribe("f0", { failover_timeout: 10 });
    story.send({ type: "schedulerStreamClosed", streamId: first as never });
    story.subscribe("f0", { id: f0, failover_timeout: 10 });
    const third = story.subscribe("f0", { id: f0, failover_timeout: 10 });
    story.send({ type: "schedulerStreamClosed", streamId: third as never });
    story.advance(10_000);
    story.subscribe("f1", { role: "x" });
    const fleeting = story.subscribe("f2", { failover_timeout: 0 });
    story.send({ type: "schedulerStreamClosed", streamId: fleeting as never });
    const subscribed = "address=10.0.0.9:40000 roles=* failoverTimeoutMs=10000";
    expect(told(story)).toEqual([
      `frameworkSubscribed frameworkId=m0-0000 how=new ${subscribed}`,
      "frameworkDisconnected frameworkId=m0-0000 failoverTimeoutMs=10000 tasks=0",
      `frameworkSubscribed frameworkId=m0-0000 how=disconnected ${subscribed}`,
      `frameworkSubscribed frameworkId=m0-0000 how=failedOver ${subscribed}`,
      "frameworkDisconnected frameworkId=m0-0000 failoverTimeoutMs=10000 tasks=0",
      "frameworkRemoved frameworkId=m0-0000 why=failoverTimeout tasks=0",
      "subscriptionRefused reason='FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable",
      "frameworkSubscribed frameworkId=m0-0001 how=new address=10.0.0.9:40000 roles=* failoverTimeoutMs=0",
      "frameworkDisconnected frameworkId=m0-0001 failoverTimeoutMs=0 tasks=0",
      "frameworkRemoved frameworkId=m0-0001 why=noFailoverTimeout tasks=0",
    ]);
  });

  it("tells of launches that are refused, and not of those that are not", () => {
    const story = new MasterStory();
    story.hello("a0");
    const stream = story.subscribe("f0");
    const [offer = ""] = story.offers(story.advance(10));
    story.log.length = 0;
    const accept = (...tasks: ReturnType<typeof sleeper>[]): void => {
      story.call(
        {
          type: "ACCEPT",
          framework_id: f0,
          accept: { offer_ids: [{ value: offer }], operations: [launchOf(...tasks)] },
        },
        stream,
      );
    };
    accept(sleeper("good", "m0-S0"), sleeper("bad", "m0-S7"));
    accept(sleeper("late", "m0-S0"));
    expect(told(story)).toEqual([
      "launchRefused frameworkId=m0-0000 taskId=bad agentId=m0-S7 reason=Task uses invalid agent m0-S7 while agent m0-S0 is expected",
      "launchRefused frameworkId=m0-0000 taskId=late agentId=m0-S0 reason=Offer m0-O0 is no longer valid",
    ]);
  });

  it("tells what a new leader found, and when all of it is settled", () => {
    const old = new MasterStory();
    for (const name of ["a0", "a1", "a2"]) old.hello(name);
    const story = old.failOver();
    story.hello("a0", { id: "m0-S0" });
    story.hello("a1", { id: "m0-S1" });
    expect(told(story)).toEqual([
      "leading masterId=m1 epoch=2 agentsExpected=3 agentsUnreachable=0 weights=0 withinMs=600000",
      "agentReturned agentId=m0-S0 hostname=a0 from=recovered tasks=0",
      "agentReturned agentId=m0-S1 hostname=a1 from=recovered tasks=0",
    ]);
    for (let minute = 0; minute < 10; minute += 1) {
      story.post("a0", []);
      story.post("a1", []);
      story.advance(60_000);
    }
    expect(told(story).slice(0, 2)).toEqual([
      "agentUnreachable agentId=m0-S2 hostname=a2 why=notReturned tasks=0",
      "recoveryEnded agentsReturned=2 agentsUnreachable=1 frameworks=0 tasks=0",
    ]);
  });
});
