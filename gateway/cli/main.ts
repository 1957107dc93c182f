#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Half of the time to a first word is spent on compiling what was compiled the last time.
enableCompileCache();
await import('./program.ts');
