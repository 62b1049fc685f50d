import type { Command } from 'commander';
import { ROLES } from '../../wire/roles.ts';
import type { ExportOptions, RotateOptions } from '../identity.ts';
import type { InitOptions } from '../init.ts';
import type { InviteOptions } from '../invite.ts';
import type { JoinOptions } from '../join.ts';
import type { LeaveOptions } from '../leave.ts';
import type { RevokeOptions } from '../revoke.ts';
import { type Bind, count, DRY_RUN, duration, list, publicKey } from './binding.ts';

const PASSPHRASE = [
  '--passphrase-file <file>',
  'file with the passphrase of the key, - for standard input (LEASEHOLD_PASSPHRASE_FILE)',
] as const;

/** Beginning, entering and leaving a realm, and who belongs to it. */
export function addRealmCommands(program: Command, bind: Bind): void {
  for (const add of [addInit, addInvite, addJoin, addLeave, addRevoke, addIdentity]) add(program, bind);
}

function addInit(program: Command, bind: Bind): void {
  program
    .command('init')
    .helpGroup('Realm:')
    .summary('begin a new realm on this machine')
    .description(
      'Begins a realm: makes the keys of this host, signs the first version, and makes recovery keys. ' +
        'The relay is the global --relay, with its key in --relay-key. The realm has no one but this host: it is issuer, ' +
        'voter and editor in one, until others are invited.',
    )
    .argument('<name>', 'name of the realm')
    .requiredOption('--host <id>', 'id of this host, such as ws-01')
    .option('--host-name <name>', 'name of this host as people see it')
    .option(
      '--class <class>',
      'class of this host, which says how long its terms are: office, laptop, lab',
      'office',
    )
    .option('--person <id>', 'who begins: in the registry from the start; your login name by default')
    .option('--person-name <name>', 'name of that person')
    .option('--role <role>', 'further roles of this host; repeat or separate by commas', list)
    .option('--import <file>', 'registry to begin with: YAML or JSON, - for standard input')
    .option('--relay-key <hex>', 'long-term key of the relay', publicKey)
    .option('--relay-token-file <file>', 'file with the token that the relay asks of readers')
    .option('--register-token-file <file>', 'file with the token that the relay asks of founders')
    .option('--recovery-keys <n>', 'recovery keys to make', count, 3)
    .option('--recovery-threshold <n>', 'recovery keys that must sign', count, 2)
    .option('--recovery-file <file>', 'where the recovery keys go, - for standard output')
    .option(
      '--genesis-file <file>',
      'where the first record goes, which the operator of a relay adds with leasehold-relay realm add',
    )
    .option(...PASSPHRASE)
    .option(...DRY_RUN)
    .action(
      bind(async (name: string, options: InitOptions) => {
        const { init } = await import('../init.ts');
        return (io) => init(io, { ...options, name });
      }),
    );
}

function addInvite(program: Command, bind: Bind): void {
  program
    .command('invite')
    .helpGroup('Realm:')
    .summary('invite a host or a person; prints one line to hand over')
    .description(
      'Reserves a log for a newcomer and prints the invitation: one line, secret until it is used.',
    )
    .addArgument(program.createArgument('<kind>', 'what is invited').choices(['host', 'person']))
    .argument('<id>', 'id of the newcomer in the registry')
    .option('--name <name>', 'name as people see it')
    .option('--class <class>', 'class of a host', 'office')
    .option('--role <role>', `${ROLES.join(', ')}; repeat or separate by commas`, list)
    .option('--valid <span>', 'how long the invitation can be used, 7d by default', duration)
    .option(...DRY_RUN)
    .action(
      bind(async (kind: 'host' | 'person', id: string, options: InviteOptions) => {
        const { invite } = await import('../invite.ts');
        return (io) => invite(io, { ...options, kind, id });
      }),
    );
}

function addJoin(program: Command, bind: Bind): void {
  program
    .command('join')
    .helpGroup('Realm:')
    .summary('join a realm by an invitation')
    .argument('<invitation>', 'file that holds the invitation, - for standard input')
    .option(...PASSPHRASE)
    .option(...DRY_RUN)
    .action(
      bind(async (invitation: string, options: JoinOptions) => {
        const { join } = await import('../join.ts');
        return (io) => join(io, { ...options, invitation });
      }),
    );
}

function addLeave(program: Command, bind: Bind): void {
  program
    .command('leave')
    .helpGroup('Realm:')
    .summary('take this machine out of its realm: its keys and records are deleted')
    .option('--confirm <host>', 'the id of this host, instead of being asked')
    .option(...DRY_RUN)
    .action(
      bind(async (options: LeaveOptions) => {
        const { leave } = await import('../leave.ts');
        return (io) => leave(io, options);
      }),
    );
}

function addRevoke(program: Command, bind: Bind): void {
  program
    .command('revoke')
    .helpGroup('Realm:')
    .summary('shut a principal out; takes effect on sight')
    .argument('<principal>', 'id of the host or person')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--confirm <id>', 'the same id again, instead of being asked')
    .option(...DRY_RUN)
    .action(
      bind(async (principal: string, options: RevokeOptions) => {
        const { revoke } = await import('../revoke.ts');
        return (io) => revoke(io, { ...options, principal });
      }),
    );
}

function addIdentity(program: Command, bind: Bind): void {
  const identity = program.command('identity').helpGroup('Realm:').summary('the keys of this machine');
  identity
    .command('show')
    .summary('the keys and the logs that they sign')
    .action(
      bind(async () => {
        const { showIdentity } = await import('../identity.ts');
        return (io) => showIdentity(io);
      }),
    );
  identity
    .command('rotate')
    .summary('go on under a new key and a new log, by an invitation for the same principal')
    .argument('<invitation>', 'file that holds the invitation, - for standard input')
    .option(...PASSPHRASE)
    .option(...DRY_RUN)
    .action(
      bind(async (invitation: string, options: RotateOptions) => {
        const { rotateIdentity } = await import('../identity.ts');
        return (io) => rotateIdentity(io, { ...options, invitation });
      }),
    );
  identity
    .command('export')
    .summary('write a key under a passphrase, to carry elsewhere')
    .argument('[key]', 'the key, or how it begins; the newest by default')
    .requiredOption('--export-passphrase-file <file>', 'file with the passphrase to protect the copy')
    .option(...PASSPHRASE)
    .option(...DRY_RUN)
    .action(
      bind(async (key: string | undefined, options: ExportOptions) => {
        const { exportKey } = await import('../identity.ts');
        return (io) => exportKey(io, key === undefined ? options : { ...options, key });
      }),
    );
}
