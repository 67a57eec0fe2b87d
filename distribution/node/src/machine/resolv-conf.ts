import { renameSync, writeFileSync } from "node:fs";
import { formatResolvConf } from "@tutti/dns-forwarder";
import type { ResolvConf } from "@tutti/dns-forwarder";

/** Writes what containers get as /etc/resolv.conf; whoever reads it sees the old one or the new one. */
export function writeResolvConf(file: string, conf: ResolvConf): void {
  const beside = `${file}.new`;
  writeFileSync(beside, formatResolvConf(conf), { mode: 0o644 });
  renameSync(beside, file);
}
