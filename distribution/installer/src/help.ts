import type { OwnCommand } from "./options.ts";

const texts: Readonly<Record<OwnCommand, string>> = {
  up: `Usage: ./tutti up [options]

Starts a cluster on this machine, or continues the one that is there.

  --agents N          private agents (2)
  --public-agents N   public agents (1)
  --isolated          machines have no way out to other networks
  --open              whoever reaches the ports may change things; else the cluster's secret is needed
  --dns-forward LIST  zones with DNS servers of their own: "corp.example=10.0.0.1,10.0.0.2;lab=10.0.0.3"
  --dns-search LIST   domains that tasks try short names in: corp.example,lab.example
  --no-sample         does not deploy the sample app
  --dir D             where the cluster's state lives (.tutti; also TUTTI_DIR)
  --json              last line of the output: {"id","name","masterUrl","marathonUrl","open","masters":[{"name","ip"}],
                      "agents":[{"name","ip","public"}],"secret"} (no secret where none is asked for)

Examples:
  ./tutti up
  ./tutti up --agents 5 --public-agents 0 --dir /tmp/second --json
`,
  down: `Usage: ./tutti down [options]

Ends the cluster and all its tasks and removes everything of it from this machine.

  --keep-state        keeps its state: another ./tutti up continues it
  --dir D             the cluster's directory (.tutti; also TUTTI_DIR)
  --json              last line of the output: {"ended":[ID]}

Examples:
  ./tutti down
  ./tutti down --dir /tmp/second
`,
  status: `Usage: ./tutti status [options]

Shows the cluster's machines and their processes, also those that should run and do not. Ends with 3 where there is
no cluster.

  --dir D             the cluster's directory (.tutti; also TUTTI_DIR)
  --json              {"machines":[{"name","ip","role","processes":[{"name","of"?,"pid","rssMb","pssMb","uptimeS"}]}]};
                      pid 0: it should run and does not; of: whom a keeper keeps

Examples:
  ./tutti status
  ./tutti status --json --dir /tmp/second
`,
  setup: `Usage: ./tutti setup [--for up|test]

Makes this machine ready: as root installs the missing Debian packages, without root says which are missing
and what will not work. The commands that need it do it by themselves.

Examples:
  ./tutti setup
`,
};

/** The help of one of the installer's commands. */
export function helpOf(command: OwnCommand): string {
  return texts[command];
}
