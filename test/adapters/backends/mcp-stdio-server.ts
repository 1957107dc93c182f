import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { servedTools } from './mcp-tools-served.ts';

serveStdio(() => servedTools());
