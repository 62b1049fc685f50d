import { createInterface } from 'node:readline';
import { checkout, connect, release } from 'leasehold';

const [feature = 'sim.pro', ...flags] = process.argv.slice(2);

const connection = await connect({ client: 'plotter/1.0' });
const asked = await checkout(connection, {
  feature,
  tool: 'plotter',
  wait: flags.includes('--wait'),
  queued: (position) => console.log(`Waiting for a seat of ${feature}, place ${position} in the queue`),
});
if (asked.ok) {
  const lease = asked.value;
  console.log(`Plotting with ${feature} until ${new Date(1000 * lease.end).toISOString()}`);
  const jobs = createInterface({ input: process.stdin });
  jobs.on('line', (job) => {
    lease.active();
    console.log(`Plotted ${job}`);
  });
  // A new version waits for this seat, or an administrator has taken it: finish the job at hand.
  void lease.drains.then(() => jobs.close());
  await new Promise((resolve) => jobs.once('close', resolve));
  await release(lease);
  console.log(`The seat is ${await lease.ended}`);
} else {
  console.error(`No seat of ${feature}: ${asked.reason.replaceAll('-', ' ')}: ${asked.detail}`);
  process.exitCode = 1;
}
await release(connection);
