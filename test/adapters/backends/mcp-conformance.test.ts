import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = 'node_modules/@modelcontextprotocol/conformance/dist/index.js';
const command = `${process.execPath} test/adapters/backends/mcp-suite-client.ts`;

// The other scenarios are about logging in with OAuth, and about defaults in forms: the backend does neither.
test.each(['initialize', 'tools_call', 'sse-retry'])(
  'the conformance suite of clients: %s',
  async (scenario) => {
    const args = [program, 'client', '--command', command, '--scenario', scenario];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect(stdout + stderr).toContain('OVERALL: PASSED');
  },
  60_000,
);
