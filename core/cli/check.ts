/** One thing that was looked at. `waits` needs nobody's help here; `poor` works and should be better. */
export interface Check {
  readonly name: string;
  readonly state: 'good' | 'waits' | 'poor' | 'bad';
  readonly text: string;
  /** What to do about it; null where nothing needs doing. */
  readonly fix: string | null;
}

/** Something that is as it should be. */
export function good(name: string, text: string): Check {
  return { name, state: 'good', text, fix: null };
}

/** Something that is not there yet though nothing is wrong; `fix` is what would bring it about. */
export function waits(name: string, text: string, fix: string | null = null): Check {
  return { name, state: 'waits', text, fix };
}

/** Something that works and should be better. */
export function poor(name: string, text: string, fix: string): Check {
  return { name, state: 'poor', text, fix };
}

/** Something that is wrong. */
export function bad(name: string, text: string, fix: string): Check {
  return { name, state: 'bad', text, fix };
}
