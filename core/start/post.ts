import { MAX_ROUGHTIME_BYTES } from '../wire/bounds.ts';
import type { Post } from './ask-time.ts';

/** Posts by `fetch`, which browsers and Node have alike. */
export const fetchPost: Post = async (url, packet, timeout) => {
  try {
    const signal = AbortSignal.timeout(timeout * 1000);
    const response = await fetch(url, { method: 'POST', body: Uint8Array.from(packet), signal });
    if (!response.ok || response.body === null) return null;
    return await firstBytes(response.body);
  } catch {
    // Unreachable, refused, cut or too late: no answer, whatever the reason.
    return null;
  }
};

/** The bytes of a body; null for one that is longer than any answer, of which no more is read. */
async function firstBytes(body: AsyncIterable<Uint8Array> | ReadableStream): Promise<Uint8Array | null> {
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const bytes: number[] = [];
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes.push(...read.value.subarray(0, MAX_ROUGHTIME_BYTES + 1));
    if (bytes.length > MAX_ROUGHTIME_BYTES) {
      await reader.cancel();
      return null;
    }
  }
  return Uint8Array.from(bytes);
}
