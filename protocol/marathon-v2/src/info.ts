/** `GET /v2/info`. */
export interface MarathonInfo {
  readonly name: string;
  readonly version: string;
  readonly buildref: string;
  readonly elected: boolean;
  readonly leader?: string;
  readonly frameworkId?: string;
  /** Ours: whether there is a connection to a master, and else why not. */
  readonly masterConnection?: { readonly connected: boolean; readonly reason?: string };
  readonly marathon_config: Readonly<Record<string, unknown>>;
  readonly zookeeper_config: Readonly<Record<string, unknown>>;
  readonly http_config: { readonly http_port: number; readonly https_port: number };
}
