import { compile } from "../compile.js";
import { visible } from "../diagnostics/visible.js";
import type { Environment, Model, Subscription } from "../model/model.js";
import { type Admin, adminPath, createAdmin } from "../pulsar/admin.js";
import { type DeadLetters, openDeadLetters } from "../runtime/dead-letters.js";
import { messageOf, TransportFailed } from "../runtime/errors.js";
import { createWebSocketClient } from "../runtime/websocket/index.js";
import { type ConnectionOptions, connectionOf } from "./connection.js";
import { environmentFailed, wrongUse } from "./failure.js";
import { findModel } from "./find-model.js";
import { describeFindings, type Findings } from "./findings.js";
import { environmentOf, findReader } from "./provisioning.js";
import { diskSources } from "./sources.js";

/** What the commands on dead letters have in common. */
export interface DeskOptions extends ConnectionOptions {
  readonly model?: string;
  readonly env?: string;
  readonly serviceUrl?: string;
}

/** A consumer or projection, and where its dead letters are. */
export interface Reader {
  readonly name: string;
  readonly subscription: Subscription;
  /** Of its dead-letter topic: persistent://tenant/namespace/name */
  readonly url: string;
}

/** A dead-letter topic that is there. */
interface Drawer extends DeadLetters {
  /** Processes of the reader that are connected to it: these can redrive. */
  readonly processes: number;
}

/** The dead-letter topics of a model's readers, on a broker. */
export interface Desk {
  readonly kind: "ready";
  readonly model: Model;
  /** The one that was asked for; all when none was. */
  readonly readers: readonly Reader[];
  /** Undefined when the topic is not there yet. */
  readonly open: (reader: Reader, messages: boolean) => Promise<Drawer | undefined>;
  readonly close: () => Promise<void>;
}

/** Reads the model and finds the broker; findings when the model has mistakes. */
export const openDesk = async (
  named: string | undefined,
  options: DeskOptions,
): Promise<Desk | { readonly kind: "findings"; readonly findings: Findings }> => {
  const file = findModel(options.model);
  const sources = diskSources(file.folder);
  const { model, diagnostics } = await compile(file.entry, sources);
  if (model === undefined)
    return { kind: "findings", findings: await describeFindings(diagnostics, sources.read, file.prefix) };
  const environment = environmentOf(model, options);
  const readers = readersOf(model, environment, named);
  const connection = connectionOf(options, environment, file.folder);
  const serviceUrl = serviceUrlOf(options, environment, connection.url);
  const admin = createAdmin(connection);
  const { insecure = false, ...pem } = connection.tls ?? {};
  const client = createWebSocketClient({
    serviceUrl,
    adminUrl: connection.url,
    ...(connection.token === undefined ? {} : { token: connection.token }),
    tls: { ...pem, rejectUnauthorized: !insecure },
    operationTimeout: 10_000,
  });
  const attempt = async <T>(url: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof TransportFailed)) throw error;
      throw environmentFailed(
        `${visible(url)}, over ${visible(serviceUrl)}: ${visible(messageOf(error))}${help(error)}`,
      );
    }
  };
  return {
    kind: "ready",
    model,
    readers,
    async open({ name, subscription, url }, messages) {
      const processes = await processesAt(admin, url, subscription.deadLetter.subscription);
      if (processes === undefined) return undefined;
      const ordered = subscription.type !== "shared";
      const letters = await attempt(url, () =>
        openDeadLetters(client, { topic: url, consumer: name, ordered, messages }),
      );
      return { ...letters, processes, redrive: (request) => attempt(url, () => letters.redrive(request)) };
    },
    async close() {
      await client.close();
      admin.close();
    },
  };
};

const readersOf = (
  model: Model,
  environment: Environment | undefined,
  named: string | undefined,
): readonly Reader[] => {
  const { tenant, namespace } = (environment ?? model).pulsar;
  const readers = named === undefined ? [...model.projections, ...model.consumers] : [findReader(model, named)];
  return readers.map(({ name, subscription }) => ({
    name,
    subscription,
    url: `persistent://${tenant}/${namespace}/${subscription.deadLetter.name}`,
  }));
};

/** A broker serves its WebSocket API where it serves its admin API, unless somebody says otherwise. */
const serviceUrlOf = (options: DeskOptions, environment: Environment | undefined, adminUrl: string): string => {
  const said = options.serviceUrl ?? environment?.websocketUrl;
  if (said === undefined) return adminUrl.replace(/^http/, "ws");
  const url = URL.canParse(said) ? new URL(said) : undefined;
  if ((url?.protocol === "ws:" || url?.protocol === "wss:") && url.username === "" && url.search === "")
    return said.replace(/\/+$/, "");
  throw wrongUse(`${visible(said)} is no URL of a WebSocket API: it is like ws://host:8080 or wss://host:8443.`);
};

/** How many processes are on the subscription; undefined when the topic is not there, which a reader would make. */
const processesAt = async (admin: Admin, url: string, subscription: string): Promise<number | undefined> => {
  const [tenant = "", namespace = "", topic = ""] = url.replace(/^persistent:\/\//, "").split("/");
  const path = adminPath`persistent/${tenant}/${namespace}/${topic}`;
  const stats =
    (await admin.find<TopicStats>(`${path}/stats`)) ?? (await admin.find<TopicStats>(`${path}/partitioned-stats`));
  return stats === undefined ? undefined : (stats.subscriptions?.[subscription]?.consumers?.length ?? 0);
};

interface TopicStats {
  readonly subscriptions?: { readonly [name: string]: { readonly consumers?: readonly unknown[] } };
}

const help = ({ code }: TransportFailed): string => {
  switch (code) {
    case "AuthorizationError":
      return ". The role of the token needs to consume and produce on this topic.";
    case "AuthenticationError":
      return ". --token-file and --token-env say how to log in.";
    case "ConnectError":
    case "TimeOut":
    case "TopicNotFound":
      return ". Does the broker serve the WebSocket API there (webSocketServiceEnabled=true)? --service-url says where.";
    default:
      return "";
  }
};
