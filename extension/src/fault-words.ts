import { FAULTS, isFault } from '../../core/errors.ts';

/** The code of what was thrown, and what it says beyond its code; no code for what is no fault. */
export function faultWords(thrown: unknown): { readonly code: string; readonly detail: string } {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (!isFault(thrown)) return { code: '', detail: message };
  const table = `${FAULTS[thrown.code]}: `;
  const detail = message.startsWith(table) ? message.slice(table.length) : message;
  return { code: thrown.code, detail };
}
