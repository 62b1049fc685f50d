import { admit, type Draft, type DraftEdit, type DraftReason, emptyDraft } from '../../core/state/drafts.ts';
import type { LogId } from '../../core/units.ts';

/** Edits of several logs, each log's in its own order, admitted in one order that does not depend on arrival; what is refused is listed. */
export function foldDraft(edits: readonly DraftEdit[]): {
  readonly draft: Draft;
  readonly refused: readonly { readonly edit: DraftEdit; readonly reason: DraftReason }[];
} {
  const draft = emptyDraft();
  const refused: { edit: DraftEdit; reason: DraftReason }[] = [];
  const queues = new Map<LogId, { next: number; readonly edits: DraftEdit[] }>();
  for (const edit of edits) {
    const queue = queues.get(edit.log);
    if (queue === undefined) queues.set(edit.log, { next: 0, edits: [edit] });
    else queue.edits.push(edit);
  }
  const inOrder = [...queues].sort(([a], [b]) => a - b).map(([, queue]) => queue);
  for (let moved = true; moved; ) {
    moved = false;
    for (const queue of inOrder) {
      for (let edit = queue.edits[queue.next]; edit !== undefined; edit = queue.edits[queue.next]) {
        const verdict = admit(draft, edit);
        if (!verdict.ok && verdict.reason === 'missing-base') break;
        if (!verdict.ok) refused.push({ edit, reason: verdict.reason });
        queue.next += 1;
        moved = true;
      }
    }
  }
  for (const { next, edits: waiting } of inOrder) {
    for (const edit of waiting.slice(next)) refused.push({ edit, reason: 'missing-base' });
  }
  return { draft, refused };
}
