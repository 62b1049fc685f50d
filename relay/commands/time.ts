import { existsSync } from 'node:fs';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { Fault } from '../../core/errors.ts';
import { fromHex, toHex } from '../../core/units.ts';
import { serverName } from '../../core/verify/merkle.ts';
import type { Config, Origin, SettingName } from '../config.ts';
import { startTimeOnly } from '../time-only.ts';
import { type CommandIo, EXIT, type ExitCode, envelope } from './io.ts';
import { hostToShow, timeLines } from './serve.ts';

/** The port that RFC 10049 registers. */
const PORT = { host: '', port: 5319 } as const;

/** Serves signed time alone until it is told to stop: over UDP and TCP unless told otherwise, and `POST /v1/time`. */
export async function serveTime(
  io: CommandIo,
  config: Config,
  origins: ReadonlyMap<SettingName, Origin>,
): Promise<ExitCode> {
  const { time } = config;
  if (time === 'off') {
    io.err('time: expected what vouches for the clock, got off\n');
    return EXIT.usage;
  }
  const at = (name: 'time-udp' | 'time-tcp') => (origins.get(name) === 'default' ? PORT : config[name]);
  const used = { ...config, time, 'time-udp': at('time-udp'), 'time-tcp': at('time-tcp') };
  const running = await startTimeOnly(used);
  const stopped = io.untilStopped(() => {
    running.reload().catch((error) => io.err(`the certificate was not read again: ${String(error)}\n`));
  });
  const host = hostToShow(config.listen.host);
  io.out(`listening on ${running.tls ? 'https' : 'http'}://${host}:${running.port}\n`);
  io.out(timeLines(used, running.time));
  const admin = config['admin-listen'];
  if (admin !== 'off') io.out(`admin on http://${hostToShow(admin.host)}:${running.adminPort}\n`);
  await stopped;
  await running.stop();
  return EXIT.ok;
}

/** Shows the long-term key of signed time as realms write it (hex) and as Roughtime's tools and server lists do (base64), with the SRV value that names it. Throws Fault FILE_UNREADABLE. */
export async function showKey(io: CommandIo, config: Config, json: boolean): Promise<ExitCode> {
  const directory = config['data-dir'];
  const [identity] = existsSync(directory) ? await listIdentities(directory) : [];
  if (identity === undefined) {
    throw new Fault('FILE_UNREADABLE', { detail: `there is no key in ${directory}; init makes one` });
  }
  const key = fromHex(identity.container.publicKey);
  const base64 = Buffer.from(key).toString('base64');
  const srv = toHex(await serverName(sha512, key));
  if (json) {
    const data = { timeKey: identity.container.publicKey, publicKeyType: 'ed25519', publicKey: base64, srv };
    io.out(envelope('RelayKey', { data }));
  } else {
    io.out(`hex ${identity.container.publicKey}\nbase64 ${base64}\nsrv ${srv}\n`);
  }
  return EXIT.ok;
}
