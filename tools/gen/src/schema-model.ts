/** One field of a message, resolved. */
export interface FieldModel {
  readonly number: number;
  readonly name: string;
  readonly label: "required" | "optional" | "repeated" | "map";
  /** Scalar name, or the TypeScript name of a message or an enum; of the values, when a map. */
  readonly type: string;
  readonly kind: "scalar" | "message" | "enum";
  readonly default?: string | number | boolean;
  readonly deprecated: boolean;
  readonly oneof?: string;
}

/** One message of the schema. */
export interface MessageModel {
  /** Full name on the wire, e.g. `mesos.v1.Offer.Operation`. */
  readonly fullName: string;
  /** Name in TypeScript, e.g. `OfferOperation`. */
  readonly typeName: string;
  readonly packageName: string;
  /** In the order of the schema, which is the order of JSON output. */
  readonly fields: readonly FieldModel[];
}

/** One enum of the schema. */
export interface EnumModel {
  readonly fullName: string;
  readonly typeName: string;
  readonly packageName: string;
  readonly values: readonly {
    readonly name: string;
    readonly number: number;
    readonly deprecated: boolean;
  }[];
}

/** Everything that the schema files say. */
export interface SchemaModel {
  readonly messages: readonly MessageModel[];
  readonly enums: readonly EnumModel[];
}

/** Prefix of the TypeScript names of each protobuf package. */
const prefixes: Readonly<Record<string, string>> = {
  "google.protobuf": "Protobuf",
  "mesos.v1": "",
  "mesos.v1.agent": "Agent",
  "mesos.v1.allocator": "Allocator",
  "mesos.v1.executor": "Executor",
  "mesos.v1.maintenance": "Maintenance",
  "mesos.v1.master": "Master",
  "mesos.v1.quota": "Quota",
  "mesos.v1.resource_provider": "ResourceProvider",
  "mesos.v1.scheduler": "Scheduler",
};

/**
 * The TypeScript name of a schema type: package prefix, then the nested names joined
 * (`mesos.v1.scheduler.Call.Accept` is `SchedulerCallAccept`); a name that already begins with its
 * prefix keeps it once (`QuotaInfo`).
 */
export function typeNameOf(packageName: string, nestedNames: readonly string[]): string {
  const prefix = prefixes[packageName];
  if (prefix === undefined) throw new Error(`no type name prefix for package ${packageName}`);
  const joined = nestedNames.join("");
  return joined.startsWith(prefix) ? joined : prefix + joined;
}
