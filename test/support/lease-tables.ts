import type { HeldLease } from '../../core/engine/lease.ts';
import { LeaseTable } from '../../core/engine/lease-table.ts';

/** A table of these leases, given in this order. */
export function tableOf(leases: readonly HeldLease[]): LeaseTable {
  const table = new LeaseTable();
  for (const held of leases) table.put(held);
  return table;
}

/** Takes every lease off a table. */
export function empty(table: LeaseTable): void {
  for (const id of [...table.keys()]) table.delete(id);
}
