import { ok, refuse, type Result } from "@tutti/base";
import { limits } from "./limits.ts";

/** What `./tutti up` was asked for. */
export interface UpOptions {
  readonly agentCount: number;
  readonly publicAgentCount: number;
  readonly isolated: boolean;
  readonly open: boolean;
  /** Zones with DNS servers of their own: `corp.example=10.0.0.1,10.0.0.2`. */
  readonly dnsForwardZones: readonly string[];
  /** Domains that tasks try short names in. */
  readonly dnsSearch: readonly string[];
  readonly sample: boolean;
  readonly json: boolean;
  /** Names of the options that were given, whatever their value. */
  readonly given: ReadonlySet<string>;
}

/** The options of the installer's own commands, before they are interpreted. */
export interface ParsedArguments {
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
}

/** Which options a command knows. */
export interface OptionNames {
  readonly values: readonly string[];
  readonly flags: readonly string[];
}

/** Options of each command of the installer. */
export const optionNames = {
  up: {
    values: ["--agents", "--public-agents", "--dns-forward", "--dns-search", "--masters", "--dir"],
    flags: ["--isolated", "--open", "--no-sample", "--json", "--help"],
  },
  down: { values: ["--dir"], flags: ["--keep-state", "--json", "--help"] },
  status: { values: ["--dir"], flags: ["--json", "--help"] },
  setup: { values: ["--for"], flags: ["--help"] },
} as const satisfies Record<string, OptionNames>;

/** The commands of the installer itself. */
export type OwnCommand = keyof typeof optionNames;

/** Whether `name` is one of them; every other word is the command line's. */
export function isOwnCommand(name: string | undefined): name is OwnCommand {
  return name !== undefined && Object.hasOwn(optionNames, name);
}

/** Splits arguments into options: `--name value`, `--name=value`, `--flag`. Refuses everything else. */
export function parseArguments(
  args: readonly string[],
  names: OptionNames,
): Result<ParsedArguments> {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    const [name = "", ...rest] = argument.split("=");
    const inline = argument.includes("=") ? rest.join("=") : undefined;
    if (names.flags.includes(argument)) flags.add(argument);
    else if (names.values.includes(name)) {
      const value = inline ?? args[(index += 1)];
      const isMissing = value === undefined || value === "";
      if (isMissing || (inline === undefined && value.startsWith("--")))
        return refuse("OPTION_VALUE", `${name} needs a value`);
      values.set(name, value);
    } else if (names.flags.includes(name)) return refuse("OPTION_VALUE", `${name} takes no value`);
    else return refuse("OPTION_UNKNOWN", unknownOption(argument, names));
  }
  return ok({ values, flags });
}

function unknownOption(argument: string, names: OptionNames): string {
  const unsaid = ["--help", "--masters"];
  const known = [...names.values, ...names.flags].filter((name) => !unsaid.includes(name));
  const what = argument.startsWith("-") ? "unknown option" : "unexpected argument";
  return `${what} ${argument}; known options: ${known.join(" ")}`;
}

/** Reads the options of `up`. Refuses numbers out of range and what a later release brings. */
export function parseUpOptions(parsed: ParsedArguments): Result<UpOptions> {
  const masters = parseCount(parsed, "--masters", { default: 1, min: 1, max: 5 });
  if (!masters.ok) return masters;
  if (masters.value !== 1)
    return refuse(
      "MASTERS",
      `--masters ${String(masters.value)}: this release runs one master; several come with a later one`,
    );
  const agents = parseCount(parsed, "--agents", { default: 2, min: 0, max: limits.agentsMax });
  if (!agents.ok) return agents;
  const publicAgents = parseCount(parsed, "--public-agents", {
    default: 1,
    min: 0,
    max: limits.agentsMax,
  });
  if (!publicAgents.ok) return publicAgents;
  const count = agents.value + publicAgents.value;
  if (count < 1 || count > limits.agentsMax)
    return refuse(
      "AGENTS",
      `--agents and --public-agents together must be 1 to ${String(limits.agentsMax)}, not ${String(count)}`,
    );
  const dnsForwardZones = parseList(parsed, "--dns-forward", {
    separator: ";",
    each: /^[a-z0-9_.-]+=[0-9a-f.:[\],]+$/i,
    form: "ZONE=ADDRESS,… and several with ; between them",
  });
  if (!dnsForwardZones.ok) return dnsForwardZones;
  const dnsSearch = parseList(parsed, "--dns-search", {
    separator: ",",
    each: /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i,
    form: "domains with , between them",
  });
  if (!dnsSearch.ok) return dnsSearch;
  if (dnsSearch.value.length > limits.searchDomainsMax)
    return refuse(
      "OPTION_VALUE",
      `--dns-search: at most ${String(limits.searchDomainsMax)} domains are tried`,
    );
  return ok({
    dnsForwardZones: dnsForwardZones.value,
    dnsSearch: dnsSearch.value,
    agentCount: agents.value,
    publicAgentCount: publicAgents.value,
    isolated: parsed.flags.has("--isolated"),
    open: parsed.flags.has("--open"),
    sample: !parsed.flags.has("--no-sample"),
    json: parsed.flags.has("--json"),
    given: new Set([...parsed.values.keys(), ...parsed.flags]),
  });
}

/** A list in one value; none when the option is not there. */
function parseList(
  parsed: ParsedArguments,
  name: string,
  {
    separator,
    each,
    form,
  }: { readonly separator: string; readonly each: RegExp; readonly form: string },
): Result<readonly string[]> {
  const value = parsed.values.get(name);
  if (value === undefined) return ok([]);
  const items = value.split(separator).map((item) => item.trim());
  const wrong = items.find((item) => !each.test(item));
  if (wrong === undefined) return ok(items);
  return refuse("OPTION_VALUE", `${name}: "${wrong}" is not understood; it takes ${form}`);
}

function parseCount(
  parsed: ParsedArguments,
  name: string,
  range: { readonly default: number; readonly min: number; readonly max: number },
): Result<number> {
  const text = parsed.values.get(name);
  if (text === undefined) return ok(range.default);
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return ok(value);
  return refuse(
    "OPTION_VALUE",
    `${name} must be a whole number from ${String(range.min)} to ${String(range.max)}, not "${text}"`,
  );
}
