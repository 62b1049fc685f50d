/** An answer to a question: yes, or no with one reason from a closed union. */
export type Decision<Reason extends string> =
  | { readonly allow: true }
  | { readonly allow: false; readonly reason: Reason; readonly detail?: string };

/** Yes. */
export const ALLOW = { allow: true } as const;

/** No, with the reason, and what was expected and found. */
export function deny<Reason extends string>(
  reason: Reason,
  detail?: string,
): { readonly allow: false; readonly reason: Reason; readonly detail?: string } {
  return detail === undefined ? { allow: false, reason } : { allow: false, reason, detail };
}
