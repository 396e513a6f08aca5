import type { AdminSettings } from "../admin.js";

/** How to reach a broker over its WebSocket API; only `serviceUrl` has no default. */
export interface WebSocketClientConfig {
  /** `ws://host:8080` or `wss://host:8443`: a broker or a WebSocket proxy. */
  readonly serviceUrl: string;
  /**
   * `http://host:8080` or `https://host:8443`: the admin REST API, which knows what the WebSocket API does not say: how
   * many partitions a topic has, what its last message is. Without it there is no seek, no `hasNext` of a reader and no
   * `sequenceId`. Only read and reset of subscriptions are asked for.
   */
  readonly adminUrl?: string;
  /** A JSON Web Token, or what gives one; it is asked at every connection, so that a token may expire. */
  readonly token?: string | (() => string | Promise<string>);
  readonly tls?: WebSocketTls;
  /** Milliseconds until a connection is given up that is not made. Default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds that opening a producer, consumer or reader tries to reach the broker. Default 30,000. */
  readonly operationTimeout?: number;
  /** Milliseconds between pings; a connection that is silent for as long after one is cut and made anew. Default 30,000. */
  readonly pingInterval?: number;
  /** Milliseconds between attempts to connect: at first, doubled each time, and at most. Default 100 and 5,000. */
  readonly reconnect?: { readonly minBackoff?: number; readonly maxBackoff?: number };
  /** The longest frame that the broker takes, in bytes: its `webSocketMaxTextFrameSize`. Default 1,048,576. */
  readonly maxFrameSize?: number;
  /** Called when a connection is lost and when it is back, for logs. Must not throw. */
  readonly onConnection?: (event: ConnectionEvent) => void;
}

/** Of `node:tls`. */
export interface WebSocketTls {
  /** PEM of the authorities to trust, in place of those that Node.js knows. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** PEM of the client's own certificate and key. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  /** False trusts anybody. Default true. */
  readonly rejectUnauthorized?: boolean;
}

export interface ConnectionEvent {
  readonly kind: "lost" | "failed" | "restored";
  /** `producer of persistent://…` */
  readonly of: string;
  readonly reason?: string;
}

/** The same with its defaults. */
export interface Settings extends AdminSettings {
  readonly serviceUrl: string;
  readonly connectTimeout: number;
  readonly pingInterval: number;
  readonly minBackoff: number;
  readonly maxBackoff: number;
  readonly maxFrameSize: number;
  readonly onConnection: (event: ConnectionEvent) => void;
}

/** Checks what types cannot say, and fills in the defaults. */
export const settingsOf = (config: WebSocketClientConfig): Settings => {
  const { reconnect = {} } = config;
  const settings: Settings = {
    serviceUrl: addressOf("serviceUrl", config.serviceUrl, ["ws:", "wss:"]),
    adminUrl: config.adminUrl === undefined ? undefined : addressOf("adminUrl", config.adminUrl, ["http:", "https:"]),
    token: config.token,
    tls: { ...config.tls },
    connectTimeout: config.connectTimeout ?? 10_000,
    operationTimeout: config.operationTimeout ?? 30_000,
    pingInterval: config.pingInterval ?? 30_000,
    minBackoff: reconnect.minBackoff ?? 100,
    maxBackoff: reconnect.maxBackoff ?? 5000,
    maxFrameSize: config.maxFrameSize ?? 1_048_576,
    onConnection: config.onConnection ?? (() => {}),
  };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === "number" && !(value > 0 && Number.isFinite(value))) {
      throw new RangeError(`${name} is ${value}: it must be above 0`);
    }
  }
  return settings;
};

/** Without a slash at its end. A token in it would end up in logs. */
const addressOf = (name: string, text: string, protocols: readonly string[]): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol) || url.search !== "" || url.username !== "") {
    const [plain = "", secure = ""] = protocols;
    throw new TypeError(`${name} is not like ${plain}//host:8080 or ${secure}//host:8443, without user and query`);
  }
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, "")}`;
};
