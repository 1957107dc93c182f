// The MCP backend, as a client that the conformance suite starts: the address of its server is the last argument.
import { mcpBackend } from '../../../adapters/backends/mcp.ts';

const limits = { timeoutMs: 20_000, maxBytes: 1_000_000 };
const server = { url: new URL(process.argv.at(-1) ?? ''), headers: {} };
const backend = mcpBackend({ name: 'suite', ...limits, server });
const tool = process.env.MCP_CONFORMANCE_SCENARIO === 'sse-retry' ? 'test_reconnection' : 'add_numbers';
const { call } = backend.compile({ kind: 'mcp', backend: 'suite', tool, members: [] });
const reply = await call({ a: 2, b: 3 }, { signal: AbortSignal.timeout(limits.timeoutMs), headers: {} });
await backend.close();
// The server of the first scenario has no tool to call.
process.exitCode = reply.ok || process.env.MCP_CONFORMANCE_SCENARIO === 'initialize' ? 0 : 1;
