import { float, heal, part } from './floating-steps.ts';
import { Lab } from './lab.ts';
import { begin, change, explain, settle } from './rollout-steps.ts';
import type { Scene } from './scene.ts';
import { timeline } from './timeline.ts';
import { attack, expire, interrupt } from './trial-steps.ts';

async function main(): Promise<number> {
  const line = timeline((text) => process.stdout.write(`${text}\n`));
  const lab = await Lab.open();
  const leave = (): void => void lab.close().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
  // Whoever read along has seen enough; each line that is still written fails anew.
  process.stdout.on('error', leave);
  const [a, b, c] = await Promise.all(['od-ws01', 'od-ws02', 'od-ws03'].map((id) => lab.addHost(id)));
  if (a === undefined || b === undefined || c === undefined) return 1;
  const scene: Scene = { lab, line, a, b, c, agents: new Map() };
  try {
    await begin(scene);
    const { ends, tools } = await change(scene);
    await explain(scene, tools);
    await settle(scene, tools);
    const token = await interrupt(scene);
    await float(scene);
    await part(scene);
    await heal(scene);
    await expire(scene, ends);
    await attack(scene, token);
    process.stdout.write(
      `\nAll ${line.observed()} observations hold, after ${(line.elapsed() / 1000).toFixed(1)} s.\n`,
    );
    return 0;
  } catch (error) {
    process.stdout.write(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const agent of scene.agents.values()) await agent.close();
    await lab.close();
  }
}

process.exitCode = await main();
