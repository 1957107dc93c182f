import { backendContract } from './contract.ts';
import { graphqlKind } from './graphql-world.ts';
import { grpcKind } from './grpc-world.ts';
import { rest } from './rest-world.ts';

for (const kind of [rest, graphqlKind, grpcKind]) backendContract(kind);
