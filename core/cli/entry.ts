#!/usr/bin/env node
import { processIo } from './process-io.ts';
import { processMain } from './process-main.ts';

void processMain(processIo());
