/** True time, and what is to happen when. */
export interface Timeline {
  /** Seconds since 1970, truly. */
  now(): number;
  /** Does something after some seconds; of two things at one instant, the one that was planned first. */
  after(delay: number, run: () => void): void;
  /** When the next thing is to happen; null when nothing is planned. */
  next(): number | null;
  /** Goes to the next thing and does it, unless it lies past `until`; false when there is none. */
  advance(until: number): boolean;
  /** Lets time pass in which nothing planned happens: what is due is done late. */
  skip(span: number): void;
}

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A timeline that begins at an instant. */
export function newTimeline(start: number): Timeline {
  let now = start;
  let order = 0;
  const heap: Planned[] = [];

  function isBefore(a: number, b: number): boolean {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return x !== undefined;
    return x.at === y.at ? x.order < y.order : x.at < y.at;
  }

  function swap(a: number, b: number): void {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return;
    heap[a] = y;
    heap[b] = x;
  }

  function pop(): Planned | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const least = isBefore(left + 1, left) ? left + 1 : left;
      if (!isBefore(least, at)) return first;
      swap(at, least);
      at = least;
    }
  }

  return {
    now: () => now,
    after(delay, run) {
      heap.push({ at: now + Math.max(0, delay), order, run });
      order += 1;
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!isBefore(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    next: () => heap[0]?.at ?? null,
    advance(until) {
      const next = heap[0];
      if (next === undefined || next.at > until) return false;
      now = Math.max(now, next.at);
      pop()?.run();
      return true;
    },
    skip(span) {
      now += span;
    },
  };
}
