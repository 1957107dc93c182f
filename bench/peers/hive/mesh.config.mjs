// What Hive Gateway serves: the same order from the same upstream, REST or gRPC. Read by mesh-compose.
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadGrpcSubgraph } from '@omnigraph/grpc';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

const { BENCH_UPSTREAM: upstream = '' } = process.env;

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: upstream.startsWith('http')
        ? loadOpenAPISubgraph('orders', {
            source: fileURLToPath(new URL('./orders.openapi.json', import.meta.url)),
            endpoint: upstream,
          })
        : loadGrpcSubgraph('orders', { endpoint: upstream }),
    },
  ],
});
