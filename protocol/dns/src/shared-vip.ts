/** A VIP that several definitions claim, or reach by several spellings. */
export interface SharedVip {
  /** `name:port`, `address:port` or `[address]:port`. */
  readonly vip: string;
  /** Who claims it, as messages name them, in order. */
  readonly owners: readonly string[];
  /** Names as labels have them, without the first slash, in order. */
  readonly given: readonly string[];
}

/** What there is to say of one. */
export interface SharedVipFault {
  readonly code: "VIP_SHARED" | "VIP_NAMES_COLLAPSE";
  readonly message: string;
}

/** As many are named in one message; the others are counted. */
const namedMax = 10;

/** What users are told of a VIP that is claimed by several, or spelt in several ways; rules DSC18 and DSC19. */
export function sharedVipFaults({ vip, owners, given }: SharedVip): readonly SharedVipFault[] {
  const faults: SharedVipFault[] = [];
  if (owners.length > 1) {
    const message = `${vip} is claimed by ${listed(owners)}: its connections go to all of them`;
    faults.push({ code: "VIP_SHARED", message });
  }
  if (given.length > 1) {
    const [spelt, all] = [
      listed(given.map((name) => `/${name}`)),
      given.length > 2 ? "all" : "both",
    ];
    const message = `${spelt} are ${all} ${vip}: only letters, digits, hyphens and dots tell names apart`;
    faults.push({ code: "VIP_NAMES_COLLAPSE", message });
  }
  return faults;
}

function listed(names: readonly string[]): string {
  const more = names.length - namedMax;
  return [...names.slice(0, namedMax), ...(more > 0 ? [`${String(more)} more`] : [])].join(" and ");
}
