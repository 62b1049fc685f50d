import { startRelay } from '../compose.ts';
import type { Config } from '../config.ts';
import type { TimePorts } from '../time-front.ts';
import { type CommandIo, EXIT, type ExitCode } from './io.ts';

/** Runs a relay until it is told to stop. Prints where it listens, a line for each listener. */
export async function serve(io: CommandIo, config: Config): Promise<ExitCode> {
  const relay = await startRelay(config);
  // Before it says that it runs: whoever starts relays may stop them as soon as they do.
  const stopped = io.untilStopped(() => {
    relay.reload().catch((error) => io.err(`the certificate was not read again: ${String(error)}\n`));
  });
  const host = hostToShow(config.listen.host);
  io.out(`listening on ${relay.tls ? 'wss' : 'ws'}://${host}:${relay.port}\n`);
  io.out(timeLines(config, relay.time));
  const admin = config['admin-listen'];
  if (admin !== 'off') io.out(`admin on http://${hostToShow(admin.host)}:${relay.adminPort}\n`);
  await stopped;
  await relay.stop();
  return EXIT.ok;
}

/** A line for each listener of signed time. */
export function timeLines(config: Pick<Config, 'time-udp' | 'time-tcp'>, ports: TimePorts): string {
  return (['udp', 'tcp'] as const)
    .map((name) => {
      const at = config[`time-${name}`];
      return at === 'off' ? '' : `time on ${name}://${hostToShow(at.host)}:${ports[name]}\n`;
    })
    .join('');
}

/** A host as an address shows it. */
export function hostToShow(host: string): string {
  if (host === '') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
