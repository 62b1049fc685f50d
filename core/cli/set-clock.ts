import { execFile } from 'node:child_process';
import { Refusal } from './refusal.ts';

/** The program that sets the clock of a platform to an instant, in whole seconds since 1970, and its words. */
export function clockCommand(
  platform: NodeJS.Platform,
  instant: number,
): readonly [program: string, ...words: string[]] {
  const iso = new Date(instant * 1000).toISOString();
  if (platform === 'win32') {
    return ['powershell', '-NoProfile', '-Command', `Set-Date -Date ([datetime]'${iso}')`];
  }
  if (platform !== 'linux') {
    const [, year, month, day, hour, minute, second] = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)/.exec(iso) ?? [];
    return ['date', '-u', `${month}${day}${hour}${minute}${year}.${second}`];
  }
  return ['date', '-u', '-s', `@${Math.round(instant)}`];
}

/** Sets the clock of this machine; ends the command where the system does not let it. */
export function setSystemClock(platform: NodeJS.Platform, instant: number): Promise<void> {
  const [program, ...words] = clockCommand(platform, instant);
  return new Promise((resolve, reject) => {
    execFile(program, words, (error, _, said) => {
      if (error === null) return resolve();
      const why = said.trim().split('\n')[0] || error.message.split('\n')[0];
      const hint =
        platform === 'win32' ? 'run it as administrator' : 'run it as root: sudo leasehold time set-clock';
      reject(new Refusal('REFUSED', `the system does not let its clock be set: ${why}`, hint));
    });
  });
}
