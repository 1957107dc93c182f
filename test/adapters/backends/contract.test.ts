import { backendContract } from './contract.ts';
import { graphqlKind } from './graphql-world.ts';
import { grpcKind } from './grpc-world.ts';
import { mcpKind, mcpOf2025 } from './mcp-world.ts';
import { rest } from './rest-world.ts';

for (const kind of [rest, graphqlKind, grpcKind, mcpKind, mcpOf2025]) backendContract(kind);
