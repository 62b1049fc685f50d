import {
  entryOf,
  type Registry,
  type RegistryHost,
  type RegistryImport,
  type RegistryPerson,
} from './registry.ts';

/** A registry with the imported sections in place of its own; principals that stay keep their logs and roles unless roles are given, and features what hosts have needed of them. */
export function mergeRegistry(base: Registry, imported: RegistryImport): Registry {
  const { $schema: _, ...given } = imported;
  const sections = Object.fromEntries(Object.entries(given).filter(([, section]) => section !== undefined));
  return {
    ...base,
    ...sections,
    people: imported.people === undefined ? base.people : keepStanding(base.people, imported.people),
    hosts: imported.hosts === undefined ? base.hosts : keepStanding(base.hosts, imported.hosts),
    features: imported.features === undefined ? base.features : keepDemand(base.features, imported.features),
  };
}

/** What hosts have needed is nobody's to write by hand: a file without it leaves it as it is. */
function keepDemand(base: Registry['features'], imported: Registry['features']): Registry['features'] {
  const kept = Object.entries(imported).map(([id, entry]) => {
    const demand = entryOf(base, id)?.demand;
    return [id, demand === undefined ? entry : { demand, ...entry }] as const;
  });
  return Object.fromEntries(kept);
}

/** A person without a log may go with an import, one that has joined may not: that would take its keys away by oversight. */
function keepStanding<T extends RegistryPerson | RegistryHost>(
  base: Readonly<Record<string, T>>,
  imported: Readonly<Record<string, T>>,
): Record<string, T> {
  const joined = Object.entries(base).filter(([, entry]) => Object.keys(entry.logs ?? {}).length > 0);
  const merged: Record<string, T> = Object.fromEntries(joined);
  for (const [principal, entry] of Object.entries(imported)) {
    const present = entryOf(base, principal);
    const { roles, logs } = present ?? {};
    merged[principal] = {
      ...(roles === undefined ? {} : { roles }),
      ...(logs === undefined ? {} : { logs }),
      ...entry,
    };
  }
  return merged;
}
