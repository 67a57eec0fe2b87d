import { existsSync } from "node:fs";
import { Failure } from "./failure.ts";
import { limits } from "./limits.ts";
import { isRoot } from "./machine/host.ts";

/** A Debian package we need, the programs of it that we call, and what does not work without it. */
interface Needed {
  readonly package: string;
  readonly programs: readonly string[];
  readonly without: string;
}

const needed: readonly Needed[] = [
  { package: "crun", programs: ["crun"], without: "tasks get no containers, only plain processes" },
  {
    package: "conmon",
    programs: ["conmon"],
    without: "tasks get no containers, only plain processes",
  },
  { package: "tini", programs: ["tini"], without: "tasks get no containers, only plain processes" },
  { package: "iproute2", programs: ["ip"], without: "machines get no network of their own" },
  { package: "nftables", programs: ["nft"], without: "machines get no network of their own" },
  {
    package: "conntrack",
    programs: ["conntrack"],
    without: "connections to virtual IPs are not counted, and hang when their backend is gone",
  },
  {
    package: "util-linux",
    programs: ["nsenter", "unshare", "flock", "setsid", "setpriv"],
    without: "nothing works",
  },
  { package: "perl-base", programs: ["perl"], without: "tasks have no logger and cannot start" },
];

const programDirs = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];

function missingPackages(): readonly Needed[] {
  return needed.filter(
    ({ programs }) =>
      !programs.every((program) => programDirs.some((dir) => existsSync(`${dir}/${program}`))),
  );
}

/** What this machine lacks and what that means; one line each. */
export function describeMissing(): readonly string[] {
  return missingPackages().map((need) => `${need.package}: ${need.without}`);
}

/** Tells that a set-up step is done. */
export type SetupReport = (text: string) => void;

/**
 * Makes the machine ready: as root installs the missing Debian packages, without root only says what is
 * missing. In a ready machine it looks at a dozen files and does nothing. Answers what is still missing.
 * Throws a `Failure` when apt could not.
 */
export async function setUpMachine(report: SetupReport): Promise<readonly string[]> {
  const missing = missingPackages();
  if (missing.length === 0) return [];
  const names = missing.map((need) => need.package);
  if (!isRoot() || !existsSync("/usr/bin/apt-get")) {
    for (const line of describeMissing()) report(`missing ${line}`);
    report(
      isRoot()
        ? "this machine has no apt-get: install what is missing by its own means"
        : `to install it: sudo apt-get install --no-install-recommends ${names.join(" ")}`,
    );
    return names;
  }
  report(`Debian packages: ${names.join(" ")}`);
  await install(names);
  const still = missingPackages();
  if (still.length === 0) return [];
  throw new Failure(`apt installed ${names.join(" ")}, but programs are still missing`, {
    lines: describeMissing(),
    wayOut: "see what  dpkg -L PACKAGE  says of the packages above",
  });
}

/** First with the lists of packages that are there; fresh lists only when that fails. */
async function install(names: readonly string[]): Promise<void> {
  const { CommandFailed } = await import("./machine/run.ts");
  try {
    await apt(["install", ...names]);
    return;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
  }
  try {
    await apt(["update"]);
    await apt(["install", ...names]);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new Failure("Debian packages could not be installed", {
      lines: [error.message],
      wayOut: `mend what apt complains of (network, mirror, disk), then: apt-get install --no-install-recommends ${names.join(" ")}`,
      cause: error,
    });
  }
}

async function apt(args: readonly string[]): Promise<void> {
  const { run } = await import("./machine/run.ts");
  await run(
    ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"].concat(
      ["-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"],
      args,
    ),
    { timeoutMs: limits.aptTimeoutMs },
  );
}
