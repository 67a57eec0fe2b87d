/** The fields that `/version`, `/state` and GET_VERSION share. */
export interface AgentVersion {
  readonly version: string;
  readonly build_date: string;
  /** Seconds since 1970. */
  readonly build_time: number;
  readonly build_user: string;
  readonly git_sha: string;
  readonly git_branch: string;
}

/** What clients are told: the level of the Mesos API, and in the other fields the release. */
export function versionOf(release: string): AgentVersion {
  return {
    version: "1.12.0",
    build_date: "2026-11-22 00:00:00 UTC",
    build_time: 1_795_305_600,
    build_user: "tutti",
    git_sha: `tutti-${release}`,
    git_branch: `refs/tags/${release}`,
  };
}
