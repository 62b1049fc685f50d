import { writeSync } from 'node:fs';

/** Where the lines of a log go. */
interface LogSink {
  write(line: string): void;
}

/**
 * Writes each line to the file descriptor at once. What a full disk, a closed pipe or a reader that has stopped does not
 * take is dropped: pino's own destination tries again for ever, and a process that cannot log must still be able to end.
 */
export function logSink(fd: number): LogSink {
  return {
    write(line) {
      const bytes = Buffer.from(line);
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      } catch {
        // There is nobody left to tell.
      }
    },
  };
}
