import { ok } from "@tutti/base";
import type { Outcome } from "../refusal.ts";
import type { Service } from "../service.ts";
import type { Session } from "../session.ts";

/** What a name leads to. */
export interface NameRecord {
  readonly name: string;
  readonly type: "A" | "AAAA" | "SRV";
  readonly address: string;
  /** Of an SRV record. */
  readonly port?: number;
  readonly host?: string;
}

interface HostRow {
  readonly ip?: string;
}

interface ServiceRow {
  readonly host?: string;
  readonly ip?: string;
  readonly port?: string | number;
}

/**
 * Asks the master's machine, as a program there would ask its DNS; for `.mesos` Mesos-DNS too. No records: the
 * name leads nowhere. Refuses when nobody answers.
 */
export async function askName(
  session: Session,
  name: string,
): Promise<Outcome<readonly NameRecord[]>> {
  const { node, mesosDns } = session;
  const own = await askService(node, name);
  const isMesos = name.endsWith(".mesos");
  if (!isMesos || (own.ok && own.value.length > 0)) return own;
  const other = await askService(mesosDns, name);
  return other.ok ? other : own;
}

async function askService(service: Service, name: string): Promise<Outcome<readonly NameRecord[]>> {
  const path = encodeURIComponent(name);
  if (name.startsWith("_")) {
    const rows = await service.call<readonly ServiceRow[]>({ path: `/v1/services/${path}` });
    return rows.ok ? ok(servicesOf(name, rows.value)) : unlessMissing(rows);
  }
  const rows = await service.call<readonly HostRow[]>({ path: `/v1/hosts/${path}` });
  return rows.ok ? ok(hostsOf(name, rows.value)) : unlessMissing(rows);
}

function unlessMissing(
  refusal: Extract<Outcome<never>, { readonly ok: false }>,
): Outcome<readonly NameRecord[]> {
  return refusal.error.code === "NOT_FOUND" ? ok([]) : refusal;
}

/** An unknown name is a row of empty texts. */
function hostsOf(name: string, rows: readonly HostRow[]): readonly NameRecord[] {
  return rows.flatMap(({ ip = "" }) =>
    ip === "" ? [] : [{ name, type: typeOf(ip), address: ip }],
  );
}

function servicesOf(name: string, rows: readonly ServiceRow[]): readonly NameRecord[] {
  return rows.flatMap(({ host = "", ip = "", port = "" }) =>
    ip === ""
      ? []
      : [{ name, type: "SRV", address: ip, port: Number(port), host: host.replace(/\.$/, "") }],
  );
}

function typeOf(ip: string): "A" | "AAAA" {
  return ip.includes(":") ? "AAAA" : "A";
}
