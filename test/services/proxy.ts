import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy whose connections break when the test says so. */
export interface Proxy {
  /** ws://… */
  readonly url: string;
  /** Cuts all connections; new ones are taken. */
  readonly cut: () => void;
  /** Passes nothing on, in silence, while connections stay open; `false` ends it for new ones. */
  readonly freeze: (frozen: boolean) => void;
  readonly close: () => Promise<void>;
}

/** Stands before the server of a URL; at a port of its own choice, unless one is named. */
export const openProxy = async (to: string, at = 0): Promise<Proxy> => {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      let stuck = false;
      from.on("data", (chunk) => {
        stuck ||= frozen;
        if (!stuck) other.write(chunk);
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    freeze: (on) => {
      frozen = on;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
