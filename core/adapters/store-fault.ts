import { Fault, type FaultCode, isFault } from '../errors.ts';

/** The Fault that an error of LevelDB or of the file system stands for; a Fault stays what it is. */
export function storeFault(error: unknown): Fault {
  if (isFault(error)) return error;
  const root = rootCause(error);
  return new Fault(codeOf(root), { detail: root.message, cause: error });
}

/** abstract-level wraps what LevelDB said in LEVEL_DATABASE_NOT_OPEN; the reason is the innermost cause. */
function rootCause(error: unknown): Error & { code?: unknown } {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause instanceof Error ? cause : new Error(String(cause));
}

const BY_CODE: ReadonlyMap<unknown, FaultCode> = new Map<unknown, FaultCode>([
  ['LEVEL_LOCKED', 'STORE_LOCKED'],
  ['LEVEL_CORRUPTION', 'STORE_CORRUPT'],
  ['EACCES', 'STORE_UNWRITABLE'],
  ['EPERM', 'STORE_UNWRITABLE'],
  ['EROFS', 'STORE_UNWRITABLE'],
  ['ENOTDIR', 'STORE_UNWRITABLE'],
  ['EEXIST', 'STORE_UNWRITABLE'],
  // What Node's recursive mkdir says on a read-only file system.
  ['ENOENT', 'STORE_UNWRITABLE'],
  ['ENOSPC', 'DISK_FULL'],
  ['EDQUOT', 'DISK_FULL'],
]);

/** LevelDB passes on the text of strerror(3) where it has no code of its own. */
const BY_TEXT: readonly (readonly [RegExp, FaultCode])[] = [
  [/no space left on device|disk quota exceeded|not enough space on the disk/i, 'DISK_FULL'],
  [
    /permission denied|operation not permitted|read-only file system|not a directory|access is denied/i,
    'STORE_UNWRITABLE',
  ],
  // Its directory was made before it was opened: what is missing is a file that LevelDB wrote.
  [/^corruption:|missing files;|^io error: .*no such file or directory/i, 'STORE_CORRUPT'],
];

function codeOf(root: Error & { code?: unknown }): FaultCode {
  const known = BY_CODE.get(root.code);
  if (known !== undefined) return known;
  return BY_TEXT.find(([text]) => text.test(root.message))?.[1] ?? 'STORE_FAILED';
}
