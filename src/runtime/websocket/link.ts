import type { Duplex } from "node:stream";
import type WebSocket from "ws";
import { messageOf, TransportFailed } from "../errors.js";
import type { Settings } from "./settings.js";
import { dial, isPermanent } from "./socket.js";

/** Who uses a link. */
export interface LinkOptions {
  /** `create producer`: what could not be done when it cannot be opened. */
  readonly what: string;
  /** `producer of persistent://…`: for what is said of the connection. */
  readonly of: string;
  /** Asked at every connection: where to go on may have changed. */
  readonly path: () => string;
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** The connection is gone, or could not be made; when `permanent`, somebody has to mend something first. */
  readonly onDown: (error: TransportFailed, permanent: boolean) => void;
}

/** A connection that is made anew whenever it breaks, until it is closed. */
export class Link {
  readonly #settings: Settings;
  readonly #options: LinkOptions;
  #socket: WebSocket | undefined;
  /** What it writes to. */
  #stream: Duplex | undefined;
  #gathering = false;
  #dialling: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(settings: Settings, options: LinkOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** Connects; a broker that cannot be reached is tried until the operation times out, a refusal is final. */
  async open(): Promise<void> {
    const until = Date.now() + this.#settings.operationTimeout;
    for (;;) {
      try {
        return await this.#dial();
      } catch (error) {
        const late = Date.now() + this.#backoff() > until;
        const refused =
          !(error instanceof TransportFailed) || (error.code !== "ConnectError" && error.code !== "UnknownError");
        if (this.#closed || refused) throw error;
        if (late) throw new TransportFailed(this.#options.what, "TimeOut", error.reason, error);
        await new Promise((resolve) => setTimeout(resolve, this.#backoff()));
        this.#failures++;
      }
    }
  }

  /** Connects, now and whenever it breaks; failures are told to `onDown`. */
  start(): void {
    if (this.#closed || this.#socket !== undefined || this.#dialling !== undefined) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#dial().catch((error: unknown) => {
      if (this.#closed) return;
      const failure =
        error instanceof TransportFailed
          ? error
          : new TransportFailed(this.#options.what, "UnknownError", messageOf(error), error);
      this.#again();
      this.#tell("failed", failure);
      this.#options.onDown(failure, isPermanent(failure));
    });
  }

  /** What is sent in one go of the program goes out in one write: each would cost as much as all the rest. */
  send(text: string): void {
    if (this.#socket === undefined) return;
    this.#gather();
    this.#socket.send(text);
  }

  #gather(): void {
    const stream = this.#stream;
    if (this.#gathering || stream === undefined) return;
    this.#gathering = true;
    stream.cork();
    // After all promises that are settled by now.
    process.nextTick(() => {
      this.#gathering = false;
      stream.uncork();
    });
  }

  /** Cuts the connection, if there is one, and makes another, which asks for the path again. */
  restart(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    this.#dialling = ended(socket).finally(() => {
      this.#dialling = undefined;
      this.start();
    });
  }

  /** Says good-bye to the broker and waits for its answer, for a moment. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await ended(socket);
  }

  #dial(): Promise<void> {
    this.#dialling ??= (async () => {
      try {
        const { what, path } = this.#options;
        await dial(this.#settings, what, path(), (socket, stream) => this.#attach(socket, stream));
        if (this.#closed) throw new TransportFailed(what, "AlreadyClosed");
      } finally {
        this.#dialling = undefined;
      }
    })();
    return this.#dialling;
  }

  #attach(socket: WebSocket, stream: Duplex): void {
    if (this.#closed) {
      void ended(socket);
      return;
    }
    this.#socket = socket;
    this.#stream = stream;
    const restored = this.#failures > 0;
    this.#failures = 0;
    const stopPinging = keepAlive(socket, this.#settings.pingInterval);
    socket.on("message", (data) => {
      if (this.#socket === socket) this.#options.onText(data.toString());
    });
    socket.once("close", (code, reason) => {
      stopPinging();
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      const text = `${reason.length > 0 ? reason : "the connection was lost"} (${code})`;
      const failure = new TransportFailed(this.#options.what, code === 1009 ? "MessageTooBig" : "ConnectError", text);
      this.#again();
      this.#tell("lost", failure);
      this.#options.onDown(failure, false);
    });
    if (restored) this.#tell("restored");
    this.#options.onOpen();
  }

  #again(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.start(), this.#backoff());
    this.#failures++;
  }

  /** Spread over half of it, so that a thousand clients do not come back in the same moment. */
  #backoff(): number {
    const { minBackoff, maxBackoff } = this.#settings;
    return Math.min(maxBackoff, minBackoff * 2 ** Math.min(this.#failures, 20)) * (0.5 + Math.random() / 2);
  }

  #tell(kind: "lost" | "failed" | "restored", failure?: TransportFailed): void {
    const { of } = this.#options;
    this.#settings.onConnection(
      failure === undefined ? { kind, of } : { kind, of, reason: failure.reason ?? failure.message },
    );
  }
}

/** Pings; a peer from which nothing was heard since the last ping is gone, whatever TCP believes. */
const keepAlive = (socket: WebSocket, interval: number): (() => void) => {
  let heard = true;
  const hear = () => {
    heard = true;
  };
  socket.on("pong", hear);
  socket.on("message", hear);
  const timer = setInterval(() => {
    if (!heard) return socket.terminate();
    heard = false;
    socket.ping();
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
};

/** Closes a connection; one whose peer does not answer is cut after two seconds. */
const ended = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) return resolve();
    const timer = setTimeout(() => socket.terminate(), 2000);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(1000);
  });
