import assert from 'node:assert/strict';
import { diffRegistry, summariseRegistry } from '../../core/state/registry-diff.ts';
import { smallRegistry } from '../support/registries.ts';

describe('the difference of two registries', () => {
  it('is empty for equal ones', () => {
    assert.deepEqual(diffRegistry(smallRegistry(), smallRegistry()), []);
  });

  it('lists entries, fields and lists, and sums them up in sentences', () => {
    const after = smallRegistry();
    after.blocks['view.only'] = { name: 'View only', features: ['ray-view'] };
    delete after.people.dee;
    after.features['ray-batch'] = { name: 'Batch tracing', software: 'raytracer', seats: 8 };
    after.features['ray-view'] = { name: 'Viewer', software: 'raytracer', seats: 2 };
    after.groups.designers = { name: 'Designers', members: ['bo', 'cy'], hosts: ['ws01', 'ws02'] };
    after.realm = { name: 'Optics' };
    const changes = diffRegistry(smallRegistry(), after);
    assert.deepEqual(
      changes.map(({ path, kind }) => `${path} ${kind}`),
      [
        'realm.name changed',
        'features.ray-batch.seats changed',
        'features.ray-view.note removed',
        'blocks.view.only added',
        'people.dee removed',
        'groups.designers.members changed',
      ],
    );
    assert.deepEqual(summariseRegistry(changes), [
      '+1 feature block: view.only',
      '−1 person: dee',
      'realm.name: Optics lab → Optics',
      'features.ray-batch.seats: 5 → 8',
      'features.ray-view.note: was Shared with the workshop, now unset',
      'groups.designers.members: +cy −ana',
    ]);
  });
});
