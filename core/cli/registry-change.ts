import { MAX_ASKED_BYTES } from '../adapters/frame-guard.ts';
import { type RegistryEdit, registryPortions } from '../state/registry-portions.ts';
import { command, foresee } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { Denied } from './refusal.ts';

type Part = Readonly<Record<string, unknown>>;

/** Bytes of an edit, so that a message has room for the rest of the command. */
const MAX_EDIT_BYTES = MAX_ASKED_BYTES - 1024;

/** The edits that make one registry of another, each for one message. Ends the command where an entry alone has too much in it. */
export function editsBetween(before: Part, after: Part): readonly RegistryEdit[] {
  const edits = registryPortions(before, after, MAX_EDIT_BYTES);
  if (edits.ok) return edits.value;
  throw new Denied('change-too-large', edits.detail);
}

/** Has the agent draft the edits in turn; in a dry run, say whether it would. Ends the command when the answer is no. */
export async function draftEdits(io: CommandIo, edits: readonly RegistryEdit[], dry: boolean): Promise<void> {
  for (const edit of edits) {
    const wanted = { do: 'set-registry', ...edit } as const;
    if (dry) await foresee(io, wanted);
    else await command(io, wanted, 'drafted', 'done');
  }
}
