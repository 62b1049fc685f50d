import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupCommit } from '../../core/adapters/group-commit.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { type MemoryStore, memoryStore } from '../../core/adapters/store-memory.ts';
import type { Store } from '../../core/ports.ts';
import { type MadeStore, storeContract } from './store.ts';

type Wrap = (store: Store) => Store;

const plain: Wrap = (store) => store;

async function inMemory(wrap: Wrap): Promise<MadeStore> {
  let disk: MemoryStore = memoryStore();
  const store = wrap(disk);
  return {
    store,
    async reopen() {
      await store.close();
      disk = memoryStore(disk.snapshot());
      return wrap(disk);
    },
    dispose: async () => undefined,
  };
}

async function onLevel(wrap: Wrap): Promise<MadeStore> {
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-test-'));
  let store = wrap(await openLevelStore(directory));
  return {
    store,
    async reopen() {
      await store.close();
      store = wrap(await openLevelStore(directory));
      return store;
    },
    async dispose() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

storeContract('memory', () => inMemory(plain));
storeContract('memory with group commit', () => inMemory(groupCommit));
storeContract('level', () => onLevel(plain));
storeContract('level with group commit', () => onLevel(groupCommit));
