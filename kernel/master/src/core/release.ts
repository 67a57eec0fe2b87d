/** What this master is. Clients read `mesosVersion` to know which API they speak with. */
export const release = {
  /** The level of the Mesos API that is spoken, shown wherever Mesos shows its version. */
  mesosVersion: "1.12.0",
  /** The release of this software; shown as `build_user` and in `git_branch`. */
  tuttiVersion: "0.1.0",
  buildDate: "2026-11-22 00:00:00 UTC",
  buildTimeSeconds: 1_795_305_600,
} as const;

/** The fields that `/version`, `/state` and GET_VERSION share. */
export const versionInfo = {
  version: release.mesosVersion,
  build_date: release.buildDate,
  build_time: release.buildTimeSeconds,
  build_user: "tutti",
  git_sha: `tutti-${release.tuttiVersion}`,
  git_branch: `refs/tags/${release.tuttiVersion}`,
} as const;
