import assert from 'node:assert/strict';
import {
  checkSocketPath,
  dataDirectory,
  type Surroundings,
  socketPlaces,
  stateDirectory,
  systemDataDirectory,
} from '../../core/adapters/paths.ts';
import { isFault } from '../../core/errors.ts';

const linux: Surroundings = { platform: 'linux', env: {}, homedir: '/home/ana', uid: 1000, tmpdir: '/tmp' };
const mac: Surroundings = {
  platform: 'darwin',
  env: {},
  homedir: '/Users/ana',
  uid: 501,
  tmpdir: '/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T',
};
const windows: Surroundings = {
  platform: 'win32',
  env: { LOCALAPPDATA: 'C:\\Users\\ana\\AppData\\Local', ProgramData: 'D:\\ProgramData' },
  homedir: 'C:\\Users\\ana',
  uid: null,
  tmpdir: 'C:\\Temp',
};
const withEnv = (around: Surroundings, env: Record<string, string>): Surroundings => ({ ...around, env });

describe('the directories of a user', () => {
  for (const [why, find, around, expected] of [
    ['data on Linux', dataDirectory, linux, '/home/ana/.local/share/leasehold'],
    ['data under XDG_DATA_HOME', dataDirectory, withEnv(linux, { XDG_DATA_HOME: '/d' }), '/d/leasehold'],
    [
      'data, XDG_DATA_HOME relative',
      dataDirectory,
      withEnv(linux, { XDG_DATA_HOME: 'd' }),
      '/home/ana/.local/share/leasehold',
    ],
    [
      'data, XDG_DATA_HOME empty',
      dataDirectory,
      withEnv(linux, { XDG_DATA_HOME: '' }),
      '/home/ana/.local/share/leasehold',
    ],
    [
      'data as LEASEHOLD_DATA_DIR says',
      dataDirectory,
      withEnv(linux, { LEASEHOLD_DATA_DIR: '/x', XDG_DATA_HOME: '/d' }),
      '/x',
    ],
    ['data on macOS', dataDirectory, mac, '/Users/ana/Library/Application Support/leasehold'],
    ['data on Windows', dataDirectory, windows, 'C:\\Users\\ana\\AppData\\Local\\leasehold'],
    [
      'data on Windows without LOCALAPPDATA',
      dataDirectory,
      withEnv(windows, {}),
      'C:\\Users\\ana\\AppData\\Local\\leasehold',
    ],
    ['data of a service on Linux', systemDataDirectory, linux, '/var/lib/leasehold'],
    ['data of a service on macOS', systemDataDirectory, mac, '/Library/Application Support/leasehold'],
    ['data of a service on Windows', systemDataDirectory, windows, 'D:\\ProgramData\\leasehold'],
    ['state on Linux', stateDirectory, linux, '/home/ana/.local/state/leasehold'],
    ['state under XDG_STATE_HOME', stateDirectory, withEnv(linux, { XDG_STATE_HOME: '/s' }), '/s/leasehold'],
    [
      'state as LEASEHOLD_STATE_DIR says',
      stateDirectory,
      withEnv(linux, { LEASEHOLD_STATE_DIR: '/y' }),
      '/y',
    ],
    ['state on macOS', stateDirectory, mac, '/Users/ana/Library/Application Support/leasehold-state'],
    ['state on Windows', stateDirectory, windows, 'C:\\Users\\ana\\AppData\\Local\\leasehold-state'],
  ] as const) {
    it(`are for ${why}: ${expected}`, () => assert.equal(find(around), expected));
  }

  for (const around of [linux, mac, windows]) {
    it(`keep the state outside the data on ${around.platform}, so that one backup does not restore both`, () => {
      assert.ok(
        !stateDirectory(around).startsWith(
          `${dataDirectory(around)}${around.platform === 'win32' ? '\\' : '/'}`,
        ),
      );
      assert.notEqual(stateDirectory(around), dataDirectory(around));
    });
  }
});

describe('the places of the agent socket', () => {
  const paths = (around: Surroundings, suffix?: string) =>
    socketPlaces(around, '/var/lib/leasehold', suffix).map(({ path }) => path);

  for (const [why, around, expected] of [
    [
      'a Linux session',
      withEnv(linux, { XDG_RUNTIME_DIR: '/run/user/7' }),
      ['/run/user/7/leasehold-02a2c0b9/s', '/tmp/leasehold-1000-02a2c0b9/s'],
    ],
    [
      "a cron job, which must find the session's agent",
      linux,
      ['/run/user/1000/leasehold-02a2c0b9/s', '/tmp/leasehold-1000-02a2c0b9/s'],
    ],
    ['macOS', mac, ['/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/leasehold-02a2c0b9/s']],
  ] as const) {
    it(`are right for ${why}, and short enough`, () => {
      assert.deepEqual(paths(around), expected);
      for (const path of paths(around)) checkSocketPath(path, around.platform);
    });
  }

  it('are a pipe on Windows, with a part that cannot be guessed', () =>
    assert.deepEqual(paths(windows, 'f00d'), ['\\\\.\\pipe\\leasehold-02a2c0b9-f00d']));

  it('differ from one data directory to another', () =>
    assert.notDeepEqual(socketPlaces(linux, '/a'), socketPlaces(linux, '/b')));

  it('may have 95 bytes and not 96, which Node 20 would cut in silence', () => {
    checkSocketPath(`/${'a'.repeat(94)}`, 'linux');
    assert.throws(
      () => checkSocketPath(`/${'a'.repeat(95)}`, 'linux'),
      (error) => isFault(error, 'SOCKET_PATH_TOO_LONG'),
    );
  });

  it('are counted in bytes, not in characters', () =>
    assert.throws(
      () => checkSocketPath(`/${'é'.repeat(48)}`, 'linux'),
      (error) => isFault(error, 'SOCKET_PATH_TOO_LONG'),
    ));

  it('may be long on Windows, where they are no paths', () => checkSocketPath('\\'.repeat(200), 'win32'));
});
