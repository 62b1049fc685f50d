import { listIdentities } from '../adapters/identity-file.ts';
import { socketPlaces } from '../adapters/paths.ts';
import { dataPaths } from '../agent/data-directory.ts';
import type { StatusReport } from '../agent/protocol.ts';
import { readRealmFile } from '../agent/realm-file.ts';
import { isFault } from '../errors.ts';
import { seconds } from '../units.ts';
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
  const url = io.settings.relay ?? status?.relay.url ?? file?.relays[0]?.url ?? null;
  const key = await io.files.look(dataPaths(dataDir).identity);
  return {
    dataDir,
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
    keyMode: key?.mode ?? null,
    hasKey:
      file !== null &&
      (await listIdentities(dataDir)).some(({ container }) => container.publicKey === file.key),
    relay: url === null ? null : { url, trouble: await io.knock(url, KNOCK) },
  };
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
