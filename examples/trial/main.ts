import { checkout, connect, isFault, release } from 'leasehold';

const FEATURE = 'sketch';

try {
  const connection = await connect({ client: 'sketch/1.0' });
  const asked = await checkout(connection, { feature: FEATURE, tool: 'sketch' });
  if (asked.ok) {
    console.log('Sketching: the trial goes on');
    await release(asked.value);
  } else {
    console.error(`The trial does not start: ${asked.reason.replaceAll('-', ' ')}: ${asked.detail}`);
    process.exitCode = 1;
  }
  await release(connection);
} catch (fault) {
  if (!isFault(fault)) throw fault;
  console.error(`The trial does not start: ${fault.message}`);
  process.exitCode = 1;
}
