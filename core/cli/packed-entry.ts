#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { processIo } from './process-io.ts';
import { processMain } from './process-main.ts';

// In a bundle the agent is the program beside this one.
const agentMain = fileURLToPath(new URL('./leasehold-agent.cjs', import.meta.url));

void processMain(processIo({ agentMain }));
