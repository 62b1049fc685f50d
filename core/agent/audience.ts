import type { Answer } from '../engine/effect.ts';
import type { PushedEvent } from './protocol.ts';

/** Who hears of what: every client of everything, but for those that want to hear of no leases but their own. */
export class Audience {
  readonly #curious = new Set<number>();
  readonly #modest = new Map<number, Set<string>>();
  readonly #holders = new Map<string, Set<number>>();

  /** A client has come; `own` if it wants to hear of its own leases only. */
  come(client: number, own: boolean): void {
    if (own) this.#modest.set(client, new Set());
    else this.#curious.add(client);
  }

  go(client: number): void {
    for (const lease of this.#modest.get(client) ?? []) this.#holders.get(lease)?.delete(client);
    this.#modest.delete(client);
    this.#curious.delete(client);
  }

  /** Takes note of an answer that gave a lease over a client's connection. */
  given(client: number, answer: Answer): void {
    if (answer.ok && answer.kind === 'lease') this.#hold(client, answer.lease.id);
  }

  /** Whom to tell; takes note of a lease that one of them was promised, or that is over. */
  of(to: number | 'all', event: PushedEvent): readonly number[] {
    if (to !== 'all') {
      if (event.event === 'granted') this.#hold(to, event.lease.id);
      return [to];
    }
    if (event.event !== 'lease') return [...this.#curious, ...this.#modest.keys()];
    const holders = this.#holders.get(event.lease) ?? [];
    const told = [...this.#curious, ...holders];
    if (OVER.has(event.state)) {
      for (const client of holders) this.#modest.get(client)?.delete(event.lease);
      this.#holders.delete(event.lease);
    }
    return told;
  }

  #hold(client: number, lease: string): void {
    const own = this.#modest.get(client);
    if (own === undefined) return;
    own.add(lease);
    const holders = this.#holders.get(lease);
    if (holders === undefined) this.#holders.set(lease, new Set([client]));
    else holders.add(client);
  }
}

const OVER: ReadonlySet<string> = new Set(['returned', 'ended', 'removed', 'idle']);
