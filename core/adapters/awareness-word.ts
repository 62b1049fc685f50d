import { z } from 'zod';

/** Characters of the random name of a process. */
const MAX_RUN = 64;

const Word = z.object({
  // Hosts of an earlier version say neither.
  run: z.string().max(MAX_RUN).catch(''),
  met: z.array(z.string().max(MAX_RUN)).max(16).catch([]),
});

/** What a word says beside the state of a host: which process says it, and which other ones it has met under its log. */
type Word = z.infer<typeof Word>;

/** What a word under this host's own log says of who said it; null for what is no word. */
export function readWord(state: Uint8Array): Word | 'gone' | null {
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(state));
    return said === null ? 'gone' : Word.parse(said);
  } catch {
    return null;
  }
}
