import { listIdentities } from '../adapters/identity-file.ts';
import { socketPlaces } from '../adapters/paths.ts';
import { dataPaths } from '../agent/data-directory.ts';
import type { StatusReport } from '../agent/protocol.ts';
import { type RealmFile, readRealmFile } from '../agent/realm-file.ts';
import { isFault } from '../errors.ts';
import { type Hash, seconds, toHex } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import type { Facts } from './doctor-checks.ts';

/** Seconds for a relay to answer. */
const KNOCK = seconds(5);

/** Names of file systems by magic number (statfs(2)); two hosts may write to one that is not local. */
const FILE_SYSTEMS: ReadonlyMap<number, { readonly kind: string; readonly local: boolean }> = new Map([
  [0xef53, { kind: 'ext4', local: true }],
  [0x9123683e, { kind: 'btrfs', local: true }],
  [0x58465342, { kind: 'xfs', local: true }],
  [0x2fc12fc1, { kind: 'zfs', local: true }],
  [0x01021994, { kind: 'tmpfs', local: true }],
  [0x794c7630, { kind: 'overlayfs', local: true }],
  [0x6969, { kind: 'NFS', local: false }],
  [0xff534d42, { kind: 'CIFS', local: false }],
  [0xfe534d42, { kind: 'SMB', local: false }],
  [0x01021997, { kind: '9p', local: false }],
  [0x00c36400, { kind: 'Ceph', local: false }],
  [0x47504653, { kind: 'GPFS', local: false }],
]);

/** Looks at everything that `doctor` speaks about. Starts the agent if there is a realm for it to serve. */
export async function gatherFacts(io: CommandIo): Promise<Facts> {
  const { dataDir } = io.settings;
  const directory = await io.files.look(dataDir);
  const file = await readRealmFile(dataDir);
  const { status, agentTrouble } = await askAgent(io, file !== null);
  const socketPath = io.settings.socket ?? socketPlaces(io.around, directory?.real ?? dataDir)[0]?.path ?? '';
  const key = await io.files.look(dataPaths(dataDir).identity);
  const trial = directory === null ? null : await io.files.tryOut(dataDir);
  return {
    dataDir,
    calendar: io.calendar,
    realm: file === null ? null : { id: file.realm, principal: file.principal },
    status,
    agentTrouble,
    socketPath,
    socketBytes: new TextEncoder().encode(socketPath).length,
    fileSystem: FILE_SYSTEMS.get(directory?.fileSystem ?? 0) ?? null,
    freeBytes: directory?.freeBytes ?? null,
    dataMode:
      directory === null
        ? null
        : { mode: directory.mode ?? 0, foreign: directory.uid !== null && directory.uid !== io.around.uid },
    dataTrouble: trial === null ? null : { code: trial.code, message: trial.message },
    keyMode: key?.mode ?? null,
    hasKey:
      file !== null &&
      (await listIdentities(dataDir)).some(({ container }) => container.publicKey === file.key),
    knocked: await knockedRelays(io, file, status),
  };
}

/** The relays that no agent can speak for: one that --relay names, and all of them while no agent answers. */
async function knockedRelays(
  io: CommandIo,
  file: RealmFile | null,
  status: StatusReport | null,
): Promise<Facts['knocked']> {
  const told = io.settings.relay;
  const spoken = new Set(status?.relays.map(({ url }) => url));
  const known = status === null ? (file?.relays.map(({ url }) => url) ?? []) : [];
  const urls = told === null ? known : spoken.has(told) ? [] : [told];
  return Promise.all(
    urls.map(async (url) => {
      const relay = file?.relays.find((each) => each.url === url);
      const door = {
        key: relay?.key ?? null,
        token: relay?.token ?? null,
        register: relay?.register ?? null,
      };
      const room = file?.realm ?? anyRoom(io);
      return { url, found: await io.knock({ url, room, ...door }, KNOCK) };
    }),
  );
}

async function askAgent(
  io: CommandIo,
  spawn: boolean,
): Promise<{ status: StatusReport | null; agentTrouble: Facts['agentTrouble'] }> {
  try {
    const agent = await io.agent({ spawn });
    return { status: await agent.request('status', {}), agentTrouble: null };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { status: null, agentTrouble: { code: error.code, message: error.message } };
  }
}

/** The name of a room that nobody has: what a relay says of itself it says at any door. */
export function anyRoom(io: CommandIo): Hash {
  return toHex(io.random.bytes(32)) as Hash;
}
