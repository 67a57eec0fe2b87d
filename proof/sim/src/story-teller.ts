import { assert, present } from "@tutti/base";
import type { AppInput } from "@tutti/marathon-v2";
import { createCluster, defaultClusterOptions } from "@tutti/simulator";
import type { Cluster } from "@tutti/simulator";
import type { StoryStep } from "@tutti/testkit";

const secondMs = 1_000;

/**
 * Carries out the commands of a story at one simulated cluster, and tells what happened meanwhile:
 *
 *     cluster [masters=1] [agents=3]     begin
 *     post | update | restart | delete   a user's command; the document in the lines below
 *     run SECONDS                        let time pass
 *     crash | boot | pause | resume | isolate | heal | restart NODE, or `leader`
 *     tasks                              what runs where, and since when
 */
export class StoryTeller {
  #cluster: Cluster | undefined;
  #toldLines = 0;
  #firstLeader: string | undefined;

  tell({ words, input }: StoryStep): string {
    const [verb = "", ...rest] = words;
    if (verb === "cluster") this.#cluster = this.#begin(rest);
    else if (verb === "tasks") return this.#tasks();
    else this.#act(verb, rest, input);
    return this.#news();
  }

  get #present(): Cluster {
    return present(this.#cluster, "a cluster, which a story begins with");
  }

  #begin(words: readonly string[]): Cluster {
    const counts = new Map(words.map((word) => word.split("=") as [string, string]));
    const count = (name: string, usual: number): number => Number(counts.get(name) ?? usual);
    const agents = Array.from({ length: count("agents", 3) }, () =>
      present(defaultClusterOptions.agents[0], "an agent to copy"),
    );
    return createCluster("story", { masters: count("masters", 1), agents, codecShare: 1 })
      .start()
      .run(20 * secondMs);
  }

  #act(verb: string, words: readonly string[], input: string): void {
    const cluster = this.#present;
    const first = words[0] === "leader" ? this.#leader() : (words[0] ?? "");
    switch (verb) {
      case "run":
        cluster.run(cluster.nowMs() + Number(first) * secondMs);
        break;
      case "post":
        cluster.postApp(JSON.parse(input) as AppInput);
        break;
      case "update": {
        const update = JSON.parse(input) as AppInput;
        const options = { partial: true, create: false, force: false };
        cluster.ask({ type: "updateApp", id: first, input: update, ...options });
        break;
      }
      case "delete":
        cluster.ask({ type: "deleteApp", id: first, force: false });
        break;
      case "crash":
        cluster.crash(first);
        break;
      case "boot":
        cluster.boot(first);
        break;
      case "pause":
        cluster.pause(first);
        break;
      case "resume":
        cluster.resume(first);
        break;
      case "isolate":
        cluster.isolate(first, "both");
        break;
      case "heal":
        cluster.heal(first);
        break;
      case "restart":
        cluster.restart(first);
        break;
      default:
        assert(false, `a story knows no '${verb}'`);
    }
  }

  /** The master that leads, or that led when the story spoke of the leader for the first time. */
  #leader(): string {
    for (const [name, master] of this.#present.masters) {
      if (master.epoch() !== undefined) this.#firstLeader ??= name;
    }
    return present(this.#firstLeader, "a master that leads");
  }

  /** What the narrative says since the last command. */
  #news(): string {
    const { trace } = this.#present;
    const lines = trace.tail(trace.count - this.#toldLines);
    this.#toldLines = trace.count;
    return lines.join("\n");
  }

  #tasks(): string {
    const cluster = this.#present;
    const lines: string[] = [];
    for (const [node, agent] of cluster.agents) {
      for (const { taskId, exit, startedMs, program } of agent.machine.containers().values()) {
        if (exit !== undefined) continue;
        const since = `${(startedMs / secondMs).toFixed(1)} s`;
        const sort = program.isDeaf ? ", deaf" : "";
        lines.push(`${node}: ${cluster.nameOf(taskId)} runs since ${since}${sort}`);
      }
    }
    return lines.join("\n");
  }
}
