/** `GET /v2/info`. */
export interface MarathonInfo {
  readonly name: string;
  readonly version: string;
  readonly buildref: string;
  readonly elected: boolean;
  readonly leader?: string;
  readonly frameworkId?: string;
  readonly marathon_config: Readonly<Record<string, unknown>>;
  readonly zookeeper_config: Readonly<Record<string, unknown>>;
  readonly http_config: { readonly http_port: number; readonly https_port: number };
}
