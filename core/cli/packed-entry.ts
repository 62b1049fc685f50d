#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { main } from './main.ts';
import { processIo } from './process-io.ts';

// In a bundle the agent is the program beside this one.
const agentMain = fileURLToPath(new URL('./leasehold-agent.cjs', import.meta.url));

void main(process.argv.slice(2), processIo({ agentMain })).then((code) => {
  process.exitCode = code;
});
