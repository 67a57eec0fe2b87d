import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Env } from "@tutti/machine";
import type { SchedulerEvent } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";
import { Subscription } from "./subscription.ts";
import type { SubscriptionEffect, SubscriptionEntry, SubscriptionEvent } from "./types.ts";

const framework = { user: "nobody", name: "test", roles: ["*"] };
const masters = ["http://m1:5050", "http://m2:5050"];

/** Drives a subscription and remembers what it did. */
class Driver {
  readonly subscription = new Subscription({
    masters,
    framework,
    suppressedRoles: () => ["idle"],
  });
  nowMs = 0;
  wakeAtMs: number | undefined;
  readonly entries: SubscriptionEntry[] = [];

  constructor(frameworkId?: string) {
    this.subscription.recover({ frameworkId }, this.env());
  }

  env(): Env {
    const random = { next: () => 0.5, below: () => 0, uuid: () => "u" };
    return { monoMs: this.nowMs, wallMs: this.nowMs, random };
  }

  post(event: SubscriptionEvent): readonly SubscriptionEffect[] {
    const ready = this.subscription.step(event, this.env());
    this.entries.push(...ready.persist);
    this.wakeAtMs = ready.wakeAtMonoMs;
    return ready.afterPersist;
  }

  receive(attempt: number, event: SchedulerEvent): readonly SubscriptionEffect[] {
    return this.post({ type: "received", attempt, event });
  }

  subscribe(id = "f-1"): readonly SubscriptionEffect[] {
    this.post({ type: "start" });
    this.post({ type: "opened", attempt: 1, streamId: "s1" });
    return this.receive(1, {
      type: "SUBSCRIBED",
      subscribed: { framework_id: { value: id }, heartbeat_interval_seconds: 15 },
    });
  }

  /** Waits for the wake-up that is due. */
  wake(): readonly SubscriptionEffect[] {
    this.nowMs = this.wakeAtMs ?? this.nowMs;
    return this.post({ type: "wake" });
  }
}

const fault = { type: "fault", reason: "refused" } as const;

describe("Subscription", () => {
  it("[SDK1] dials a master and subscribes without an id of its own the first time", () => {
    expect(new Driver().post({ type: "start" })).toEqual([
      {
        type: "dial",
        attempt: 1,
        url: "http://m1:5050",
        call: {
          type: "SUBSCRIBE",
          subscribe: { framework_info: framework, suppressed_roles: ["idle"] },
        },
      },
    ]);
  });

  it("[SDK2] makes the framework id durable before it tells anybody", () => {
    const driver = new Driver();
    expect(driver.subscribe()).toEqual([
      {
        type: "notify",
        notice: {
          type: "subscribed",
          frameworkId: "f-1",
          masterUrl: "http://m1:5050",
          isNew: true,
        },
      },
    ]);
    expect(driver.entries).toEqual([{ frameworkId: "f-1" }]);
  });

  it("[SDK2] subscribes again with the id that was durable, and writes it no second time", () => {
    const driver = new Driver("f-1");
    const [dial] = driver.post({ type: "start" });
    expect(dial).toMatchObject({
      call: {
        framework_id: { value: "f-1" },
        subscribe: { framework_info: { id: { value: "f-1" } } },
      },
    });
    driver.subscribe();
    expect(driver.entries).toEqual([]);
  });

  it("[SDK3] backs off, ever longer up to a bound, master after master", () => {
    const driver = new Driver();
    driver.post({ type: "start" });
    const pauses: number[] = [];
    const urls: string[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      driver.post({ type: "ended", attempt, end: fault });
      pauses.push((driver.wakeAtMs ?? 0) - driver.nowMs);
      const [dial] = driver.wake();
      if (dial?.type === "dial") urls.push(dial.url);
    }
    expect(pauses.slice(0, 3)).toEqual([75, 150, 300]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(limits.backoffMs);
    expect(urls.slice(0, 3)).toEqual(["http://m2:5050", "http://m1:5050", "http://m2:5050"]);
  });

  it("[SDK4] follows a redirect at once, but not for ever", () => {
    const driver = new Driver();
    driver.post({ type: "start" });
    const end = { type: "redirected", url: "http://m9:5050" } as const;
    for (let attempt = 1; attempt <= limits.redirectsMax; attempt += 1) {
      const effects = driver.post({ type: "ended", attempt, end });
      expect(effects.at(-1)).toMatchObject({ type: "dial", url: "http://m9:5050" });
    }
    const last = driver.post({ type: "ended", attempt: limits.redirectsMax + 1, end });
    expect(last.some(({ type }) => type === "dial")).toBe(false);
    expect(driver.subscription.state).toBe("disconnected");
  });

  it("[SDK5] takes silence for the end of the connection", () => {
    const driver = new Driver();
    driver.subscribe();
    driver.nowMs += 40_000;
    driver.receive(1, { type: "HEARTBEAT" });
    driver.nowMs += 44_999;
    driver.post({ type: "wake" });
    expect(driver.subscription.state).toBe("subscribed");
    driver.nowMs += 1;
    const effects = driver.post({ type: "wake" });
    expect(effects.map(({ type }) => type)).toEqual(["hangUp", "notify"]);
    expect(driver.subscription.state).toBe("disconnected");
  });

  it("[SDK6] sends calls with its id and stream, and none without a stream", () => {
    const driver = new Driver();
    const call = { type: "REVIVE" } as const;
    expect(driver.post({ type: "call", call })).toEqual([]);
    driver.subscribe();
    expect(driver.post({ type: "call", call })).toEqual([
      {
        type: "post",
        attempt: 1,
        url: "http://m1:5050",
        streamId: "s1",
        call: { type: "REVIVE", framework_id: { value: "f-1" } },
      },
    ]);
  });

  it("[SDK7] a refused call is told; a refusal that means a lost stream ends it", () => {
    const driver = new Driver();
    driver.subscribe();
    const call = { type: "KILL" } as const;
    const refused = (status: number, text: string): readonly string[] =>
      driver
        .post({
          type: "callFailed",
          attempt: 1,
          call,
          failure: { type: "refused", status, text },
        })
        .map((effect) => (effect.type === "notify" ? effect.notice.type : effect.type));
    expect(refused(400, "Failed to validate scheduler::Call")).toEqual(["callRefused"]);
    expect(refused(400, "The stream ID 'x' included in this request didn't match")).toEqual([
      "hangUp",
      "disconnected",
    ]);
  });

  it("[SDK8] ERROR ends the stream; a removed framework subscribes as a new one", () => {
    const driver = new Driver();
    driver.subscribe();
    const message = "Framework has been removed";
    const effects = driver.receive(1, { type: "ERROR", error: { message } });
    expect(effects.map((effect) => (effect.type === "notify" ? effect.notice.type : ""))).toEqual([
      "",
      "disconnected",
      "removed",
    ]);
    expect(driver.entries.at(-1)).toEqual({ frameworkId: undefined });
    const [dial] = driver.wake();
    expect(dial?.type === "dial" && dial.call.framework_id).toBe(undefined);
  });

  it("[SDK9] whatever arrives in whatever order, one attempt is alive and none is told twice", () => {
    const event = fc.oneof(
      fc.constant({ type: "start" } as const),
      fc.constant({ type: "wake" } as const),
      fc.record({
        type: fc.constant("opened" as const),
        attempt: fc.nat(6),
        streamId: fc.constant("s"),
      }),
      fc.record({
        type: fc.constant("received" as const),
        attempt: fc.nat(6),
        event: fc.constantFrom<SchedulerEvent>(
          { type: "SUBSCRIBED", subscribed: { framework_id: { value: "f" } } },
          { type: "HEARTBEAT" },
          { type: "OFFERS", offers: { offers: [] } },
          { type: "ERROR", error: { message: "Framework failed over" } },
        ),
      }),
      fc.record({
        type: fc.constant("ended" as const),
        attempt: fc.nat(6),
        end: fc.constant(fault),
      }),
      fc.constant({ type: "call", call: { type: "REVIVE" } } as const),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(20_000)), { maxLength: 60 }), (events) => {
        const driver = new Driver();
        const alive = new Set<number>();
        let subscribed = false;
        for (const [next, ms] of events) {
          driver.nowMs += ms;
          for (const effect of driver.post(next)) {
            if (effect.type === "dial") {
              alive.add(effect.attempt);
              expect(alive.size).toBe(1);
            } else if (effect.type === "hangUp") alive.delete(effect.attempt);
            else if (effect.type === "post") expect(subscribed).toBe(true);
            else if (effect.notice.type === "subscribed") subscribed = true;
            else if (effect.notice.type === "disconnected") subscribed = false;
            else if (effect.notice.type === "event") expect(subscribed).toBe(true);
          }
        }
      }),
    );
  });
});
