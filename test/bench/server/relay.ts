import { startRelay } from '../../../relay/compose.ts';
import { readConfig } from '../../../relay/config.ts';
import { answerQuestions } from './measured.ts';

/** Far above what any benchmark sends: what is measured is the work, not the brake. */
const NO_BRAKE = {
  'rate-limit': 10_000_000,
  'max-peers': 10_000,
  'max-peers-per-address': 10_000,
  'time-rate': 10_000_000,
};

const verdict = readConfig(
  {
    ...NO_BRAKE,
    ...{ listen: '127.0.0.1:0', 'admin-listen': 'off', 'data-dir': process.argv[2], 'log-level': 'error' },
    ...{ policy: 'open', 'time-udp': '127.0.0.1:0' },
    ...{ 'quota-records': 10_000_000, 'quota-bytes': '64GiB' },
  },
  {},
  null,
);
if (!verdict.ok) throw new Error(verdict.problems.join('\n'));
const relay = await startRelay(verdict.config);
answerQuestions(relay.port, () => relay.stop(), relay.time.udp);
