import { assert, present } from "@tutti/base";
import type { AppInput } from "@tutti/marathon-v2";
import { createCluster, defaultClusterOptions } from "@tutti/simulator";
import type { Cluster } from "@tutti/simulator";
import type { StoryStep } from "@tutti/testkit";
import { tellAges, tellAnswers, tellNames } from "./names/tell-names.ts";
import { tellRecords, tellTasks, tellWhy, Tally, wipeMarathon } from "./story-views.ts";

const secondMs = 1_000;

/**
 * Carries out the commands of a story at one simulated cluster, and tells what happened meanwhile:
 *
 *     cluster [masters=1] [agents=3] [cpus=4]   begin, and let 20 s pass; `names=1`: with names and virtual IPs;
 *                                               what agents call themselves in the lines below, one a line
 *     post | update APP | delete APP            a user's command; the document in the lines below
 *     post 120, update APP 60                   so many, 10 s between updates, `#` counted up; told as `watch`
 *     force APP                                 an update by force
 *     run SECONDS                               let time pass, and tell everything
 *     watch SECONDS                             let time pass, and tell how often what happened
 *     until tasks=N SECONDS                     as `watch`, until N tasks run
 *     crash | boot | pause | resume | tear | session | isolate | heal | restart NODE, or `leader`
 *     isolate NODE in | out                     in one direction
 *     half-open NODE, dial-twice NODE           connections
 *     clock NODE SECONDS                        the wall clock jumps
 *     disk NODE fails | slow | sound
 *     runtime NODE fails | sound                containers cannot be started
 *     wipe                                      all of Marathon's records are gone
 *     flush NODE                                somebody empties the tables of a machine's kernel
 *     kernel NODE refuses | sound               what virtual IPs need is refused
 *     teardown                                  an operator ends Marathon's framework
 *     tasks | records | why | names             what runs, what is durable, why apps wait, what names lead to
 *     ask NAME, ages                            what DNS answers, how old the tables are that it answers from
 */
export class StoryTeller {
  #cluster: Cluster | undefined;
  #tally: Tally | undefined;
  #toldLines = 0;
  #firstLeader: string | undefined;

  tell({ words, input }: StoryStep): string {
    const [verb = "", ...rest] = words;
    if (verb === "cluster") this.#begin(rest, input);
    const cluster = this.#present;
    switch (verb) {
      case "tasks":
        return tellTasks(cluster);
      case "records":
        return tellRecords(cluster);
      case "why":
        return tellWhy(cluster);
      case "names":
        return tellNames(cluster);
      case "ask":
        return tellAnswers(cluster, rest.join(" "));
      case "ages":
        return tellAges(cluster);
      case "watch":
        return this.#watch(() => cluster.run(cluster.nowMs() + Number(rest[0]) * secondMs));
      case "until":
        return this.#until(Number(rest[0]?.slice("tasks=".length)), Number(rest[1]) * secondMs);
      case "post":
        if (rest[0] === undefined) break;
        return this.#watch(() => this.#many(Number(rest[0]), 0, (at) => this.#post(input, at)));
      case "update":
        if (rest[1] === undefined) break;
        return this.#watch(() =>
          this.#many(Number(rest[1]), 10, (at) => this.#update(rest[0] ?? "", numbered(input, at))),
        );
      default:
    }
    if (verb !== "cluster") this.#act(verb, rest, input);
    return this.#news();
  }

  get #present(): Cluster {
    return present(this.#cluster, "a cluster, which a story begins with");
  }

  #begin(words: readonly string[], input: string): void {
    const counts = new Map(words.map((word) => word.split("=") as [string, string]));
    const count = (name: string, usual: number): number => Number(counts.get(name) ?? usual);
    const agent = present(defaultClusterOptions.agents[0], "an agent to copy");
    const resources = agent.resources.replace("cpus:4", `cpus:${count("cpus", 4)}`);
    const hosts = input === "" ? [] : input.split("\n");
    const agents = Array.from({ length: count("agents", hosts.length || 3) }, (_, at) => {
      const hostname = hosts[at];
      return { ...agent, resources, ...(hostname === undefined ? {} : { hostname }) };
    });
    const masters = count("masters", 1);
    this.#cluster = createCluster("story", {
      masters,
      agents,
      codecShare: 1,
      names: count("names", 0) === 1,
    });
    this.#tally = new Tally(this.#cluster);
    this.#cluster.start().run(20 * secondMs);
  }

  #act(verb: string, words: readonly string[], input: string): void {
    const cluster = this.#present;
    const node = words[0] === "leader" ? this.#leader() : (words[0] ?? "");
    const how = words[1] ?? "";
    switch (verb) {
      case "run":
        return void cluster.run(cluster.nowMs() + Number(node) * secondMs);
      case "post":
        return this.#post(input, 1);
      case "update":
      case "force":
        return this.#update(node, input, { force: verb === "force" });
      case "delete":
        return void cluster.ask({ type: "deleteApp", id: node, force: false });
      case "crash":
        return cluster.crash(node);
      case "boot":
        return cluster.boot(node);
      case "pause":
        return cluster.pause(node);
      case "resume":
        return cluster.resume(node);
      case "restart":
        return cluster.restart(node);
      case "tear":
        return cluster.dieInNextWrite(node);
      case "session":
        return cluster.loseSession(node);
      case "isolate":
        return cluster.isolate(node, how === "in" || how === "out" ? how : "both");
      case "heal":
        return cluster.heal(node);
      case "half-open":
        return cluster.halfOpen(node, "dialer");
      case "dial-twice":
        return cluster.dialTwice(node);
      case "clock":
        return cluster.jumpClock(node, Number(how) * secondMs);
      case "disk":
        return cluster.disk(
          node,
          how === "fails" ? { failure: 1 } : how === "slow" ? { slowMsMax: 4 * secondMs } : {},
        );
      case "runtime":
        return cluster.containers(node, how === "fails" ? { launchFailure: 1 } : {});
      case "flush":
        return cluster.names?.machines.get(node)?.flushTables();
      case "kernel":
        return this.#refuse(node, how === "refuses" ? "Device or resource busy" : undefined);
      case "teardown":
        return this.#teardown();
      case "wipe":
        return wipeMarathon(cluster);
      default:
        assert(false, `a story knows no '${verb}'`);
    }
  }

  #refuse(node: string, refusal: string | undefined): void {
    const { kernel } = present(this.#present.names?.machines.get(node), "a machine with names");
    kernel.refusal = refusal;
  }

  /** An operator ends Marathon's framework. */
  #teardown(): void {
    const cluster = this.#present;
    const [id] = cluster.masterView()?.frameworks.keys() ?? [];
    const framework_id = { value: present(id, "a framework") };
    cluster.operate(this.#leader(), { type: "TEARDOWN", teardown: { framework_id } });
  }

  #post(input: string, at: number): void {
    this.#present.postApp(JSON.parse(numbered(input, at)) as AppInput);
  }

  #update(id: string, text: string, { force = false } = {}): void {
    const input = JSON.parse(text) as AppInput;
    this.#present.ask({ type: "updateApp", id, input, partial: true, create: false, force });
  }

  #many(count: number, pauseS: number, act: (at: number) => void): void {
    const cluster = this.#present;
    for (let at = 1; at <= count; at += 1) {
      act(at);
      cluster.run(cluster.nowMs() + pauseS * secondMs);
    }
  }

  /** The master that leads, or that led when the story spoke of the leader for the first time. */
  #leader(): string {
    for (const [name, master] of this.#present.masters) {
      if (master.epoch() !== undefined) this.#firstLeader ??= name;
    }
    return present(this.#firstLeader, "a master that leads");
  }

  #watch(pass: () => void): string {
    const tally = present(this.#tally, "a tally");
    const before = tally.counts();
    pass();
    this.#news();
    return tally.tellSince(before);
  }

  #until(tasks: number, untilMs: number): string {
    const cluster = this.#present;
    const tally = present(this.#tally, "a tally");
    return this.#watch(() => {
      const isReached = cluster.runUntil(() => tally.running === tasks, cluster.nowMs() + untilMs);
      assert(isReached, `${tally.running} tasks run, not ${tasks}`);
    });
  }

  /** What the narrative says since the last command, to a tenth of a second. */
  #news(): string {
    const { trace } = this.#present;
    const lines = trace.tail(trace.count - this.#toldLines);
    this.#toldLines = trace.count;
    return lines.map((line) => line.replace(/^(\d\d:\d\d\.\d)\d\d/u, "$1")).join("\n");
  }
}

function numbered(text: string, at: number): string {
  return text.replaceAll("#", String(at));
}
