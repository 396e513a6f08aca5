import { visible } from "../diagnostics/visible.js";
import { isAdminError } from "../pulsar/admin-error.js";
import { exitCode } from "./exit-code.js";

/** Why a command cannot go on, when it is not a finding about the model: thrown to the top, which prints and exits. */
export interface Failure extends Error {
  readonly exitCode: typeof exitCode.wrongUse | typeof exitCode.environment;
}

/** The user asked for something that cannot be: exit code 2. */
export const wrongUse = (message: string): Failure =>
  Object.assign(new Error(message), { exitCode: exitCode.wrongUse });

/** The file system, git or another program failed: exit code 3. */
export const environmentFailed = (message: string): Failure =>
  Object.assign(new Error(message), { exitCode: exitCode.environment });

/** What a thrown value means to the user, or undefined where it is a bug of evgen. */
export const asFailure = (thrown: unknown): Failure | undefined => {
  if (!(thrown instanceof Error)) return undefined;
  if (isAdminError(thrown)) return environmentFailed(thrown.message);
  if ("exitCode" in thrown && typeof thrown.exitCode === "number") return thrown as Failure;
  const { code, syscall, path, dest } = thrown as NodeJS.ErrnoException & { readonly dest?: string };
  if (code === undefined || syscall === undefined || !Object.hasOwn(reasons, code)) return undefined;
  const file = dest ?? path;
  return environmentFailed(`${file === undefined ? syscall : visible(file)}: ${reasons[code]} (${code}).`);
};

/** What the operating system says, in plain words. */
const reasons: { readonly [code: string]: string } = {
  EACCES: "permission denied",
  EBUSY: "the file is in use",
  EDQUOT: "the disk quota is used up",
  EEXIST: "something stands there already",
  EFBIG: "the file is too large for this file system",
  EINVAL: "this file system does not take such a name",
  EIO: "the disk failed",
  EISDIR: "a folder stands there",
  ELOOP: "there are too many symbolic links",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "too many files are open",
  ENOENT: "there is no such file or folder",
  ENOSPC: "no space is left on the disk",
  ENOTDIR: "a part of the path is not a folder",
  ENOTEMPTY: "the folder is not empty",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
  ETXTBSY: "the file is being run",
  ERR_FS_EISDIR: "a folder stands there",
  EXDEV: "another file system is mounted there",
};
