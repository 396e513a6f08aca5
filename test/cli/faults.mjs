// Loaded into the command line with `node --import`: counts what it changes on disk, and at one step kills the process
// or lets the operation fail. Steps of EVGEN_FAULT: "kill:<n>", "half:<n>" (kill in the middle of a write),
// "<error code>:<n>"; "count" prints how many there were, and "say" each file that is opened for writing.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [kind, at] = (process.env.EVGEN_FAULT ?? "count").split(":");
const within = process.env.EVGEN_FAULT_WITHIN ?? "";
const descriptors = new Set();
let step = 0;

const wrap = (name, isOurs, half) => {
  const original = fs[name];
  fs[name] = (...parameters) => {
    if (!isOurs(...parameters)) return original(...parameters);
    step++;
    if (String(step) === at) {
      if (kind === "half" && half !== undefined) half(original, ...parameters);
      if (kind === "kill" || kind === "half") process.kill(process.pid, "SIGKILL");
      else
        throw Object.assign(new Error(`${kind}: injected`), { code: kind, syscall: name, path: String(parameters[0]) });
    }
    return original(...parameters);
  };
};

const isPath = (path) => typeof path === "string" && path.startsWith(within);
for (const name of ["renameSync", "unlinkSync", "mkdirSync", "rmdirSync", "rmSync", "chmodSync"]) wrap(name, isPath);
wrap(
  "writeSync",
  (descriptor) => descriptors.has(descriptor),
  (write, descriptor, data) => {
    const bytes = Buffer.from(data);
    write(descriptor, bytes, 0, bytes.length >> 1);
  },
);
const open = fs.openSync;
fs.openSync = (path, flags, ...more) => {
  const forWriting = isPath(path) && (typeof flags === "string" ? flags !== "r" : (flags & 3) !== 0);
  if (forWriting && kind === "say") process.stderr.write(`${path}\n`);
  const descriptor = open(path, flags, ...more);
  if (forWriting) descriptors.add(descriptor);
  else descriptors.delete(descriptor);
  return descriptor;
};
syncBuiltinESMExports();
process.on("exit", () => {
  if (kind === "count") process.stderr.write(`steps: ${step}\n`);
});
