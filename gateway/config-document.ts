import { z } from 'zod';
import { authzenDocument } from './authzen-document.ts';
import { telemetryDocument } from './telemetry/document.ts';

const duration = z
  .string()
  .regex(/^\d{1,6}(ms|s|m|h)$/, 'a duration is written like 500ms, 5s or 2m')
  .transform(
    (text) =>
      Number.parseInt(text, 10) *
      { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[text.replace(/\d+/, '') as 'ms' | 's' | 'm' | 'h'],
  );
const size = z
  .string()
  .regex(/^\d{1,6}(KB|MB)$/, 'a size is written like 256KB or 1MB')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('MB') ? 1_048_576 : 1_024));
const headers = z.record(z.string().regex(/^[a-z0-9-]+$/, 'header names are lower case'), z.string()).default({});
const httpUrl = z.url({ protocol: /^https?$/, error: 'an address is written like http://127.0.0.1:4101' });

const grpcAddress = z.string().regex(/^[^/\s]+:\d+$/, 'an address is written like 127.0.0.1:50051');

const limits = {
  timeout: duration.prefault('10s').describe('How long one call may take.'),
  max_response: size.prefault('1MB'),
  concurrency: z
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe('Calls under way at once; one more is refused with 503.'),
  retries: z
    .int()
    .min(0)
    .max(5)
    .default(2)
    .describe('Tries after the first, of what reads, is idempotent, or was not taken; for ten calls one more at most.'),
  breaker: z
    .union([
      z.literal(false),
      z.strictObject({
        window: duration.prefault('10s').describe('How far back calls are counted.'),
        calls: z.int().min(1).max(10_000).default(20).describe('Fewer in that time say nothing.'),
        share: z.number().gt(0).max(1).default(0.5).describe('From this share of failed ones on it is left alone.'),
        rest: duration.prefault('5s').describe('For so long, and longer each time that a try fails, up to a minute.'),
        probes: z.int().min(1).max(100).default(2).describe('So many calls then try it, and must all go well.'),
      }),
    ])
    .prefault({})
    .describe('When a backend that fails is left alone; false: never.'),
};

const pemFiles = z
  .strictObject({
    ca: z.string().min(1).optional().describe('A file in PEM: who may have signed its certificate.'),
    cert: z.string().min(1).optional().describe('A file in PEM: the certificate of this gateway.'),
    key: z.string().min(1).optional().describe('A file in PEM: the private key of that.'),
    server_name: z.string().min(1).optional().describe('The name in its certificate, where it is another.'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), '"cert" and "key" go together');

const tokenEndpoint = {
  token_url: httpUrl,
  client_id: z.string().min(1),
  client_secret: z.string().min(1).describe('Best read from the environment.'),
  scope: z.string().min(1).optional(),
};
const auth = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('client_credentials'), ...tokenEndpoint }),
    z.strictObject({
      kind: z.literal('token_exchange'),
      ...tokenEndpoint,
      audience: z.string().min(1).optional().describe('For whom the token is to be.'),
      resource: z.url().optional(),
      subject_token_type: z
        .enum(['access_token', 'id_token', 'jwt'])
        .default('access_token')
        .describe('What the token of a caller is there.'),
    }),
  ])
  .optional()
  .describe(
    'In place of an authorization header: a token of this gateway (OAuth 2 client credentials), or one for each caller in exchange for theirs (RFC 8693).',
  );

const httpBackend = {
  url: httpUrl,
  headers: headers.describe('Sent with every call. A secret is best read from the environment.'),
  query: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe('Added to the query of every call: an API key, where the backend wants it there.'),
  tls: pemFiles.optional().describe('Left out, whom this machine trusts. The files are read again on a reload.'),
  auth,
  deadline_header: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'header names are lower case')
    .optional()
    .describe('A header in which it is told how many seconds are left: request-timeout. Left out, it is not told.'),
  ...limits,
};

export const backendDocument = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rest'), ...httpBackend }),
  z.strictObject({
    kind: z.literal('graphql'),
    ...httpBackend,
    persisted: z
      .enum(['automatic', 'trusted'])
      .optional()
      .describe(
        'What is sent of a document: its hash, and its text where the server has not seen it; or an id that the server knows it by, and never its text. Left out, its text.',
      ),
    batch: z
      .int()
      .min(2)
      .max(100)
      .optional()
      .describe('So many queries that are asked at the same time go in one request, where the server takes a list.'),
  }),
  z.strictObject({
    kind: z.literal('grpc'),
    address: z
      .union([grpcAddress, z.array(grpcAddress).min(1).max(100)])
      .describe('host:port, or several of IP addresses: calls take turns over them, and over all that a name has.'),
    tls: z.union([z.boolean(), pemFiles]).default(false),
    descriptors: z
      .array(z.string().min(1))
      .min(1)
      .max(100)
      .optional()
      .describe('Descriptor sets, .proto files, or folders of these; left out, it is asked by server reflection.'),
    metadata: headers,
    ...limits,
  }),
  z
    .strictObject({
      kind: z.literal('mcp'),
      url: httpUrl.optional().describe('Of a server that speaks streamable HTTP.'),
      headers: headers.describe('Sent with every call over HTTP.'),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe('Starts a server that speaks over its standard input and output: a program and its arguments.'),
      env: z
        .record(z.string().regex(/^[A-Za-z_]\w*$/), z.string())
        .default({})
        .describe('The whole environment of that program: nothing is handed on that is not named here.'),
      ...limits,
    })
    .refine(
      ({ url, command }) => (url === undefined) !== (command === undefined),
      'an MCP backend has either "url", for streamable HTTP, or "command", for standard input and output',
    ),
]);
export type BackendConfig = z.infer<typeof backendDocument>;

const principal = {
  subject: z.strictObject({ type: z.string().min(1), id: z.string().min(1) }),
  claims: z.record(z.string(), z.json()).default({}),
  purposes: z.array(z.string()).default([]),
  default_purpose: z.string().optional(),
  capabilities: z
    .array(z.string())
    .optional()
    .describe('Narrows the key to these capabilities; left out, the policies alone decide.'),
};

const share = z.number().gt(0).lt(1);
const lines = z.strictObject({ run: z.number().min(0).max(1), ask: z.number().min(0).max(1) });

const keyFile = z.string().regex(/^file:/, 'a key is a file, written like file:./token-key.jwk');
const tokens = z.strictObject({
  issuer: z.string().min(1).describe('Who signs the tokens that this gateway makes, and whose own are taken.'),
  audience: z.string().min(1).optional().describe('For whom a token must be; left out, the issuer.'),
  keys: z
    .array(keyFile)
    .max(5)
    .default([])
    .describe('Private keys; the first signs, and what any of them signed is taken. "ostiary token key" makes one.'),
  trust: z
    .array(
      z.strictObject({
        issuer: z.string().min(1),
        jwks: z.string().regex(/^(https?|file):/, 'written like https://issuer.example/jwks.json or file:./jwks.json'),
      }),
    )
    .max(20)
    .default([])
    .describe('Other issuers whose tokens are taken.'),
  ttl: duration
    .refine((ms) => ms >= 1_000 && ms <= 86_400_000, 'a token lives from 1s to 24h')
    .prefault('15m')
    .describe('How long a token lives; one that lives longer is refused.'),
  depth: z.int().min(0).max(4).default(4).describe('How often a token that this gateway makes may be handed on.'),
  revokers: z
    .array(z.string())
    .default([])
    .describe('Ids of API keys that may revoke any token; its subject and its holder always may.'),
});

/** `ostiary.yaml`. */
export const configDocument = z.strictObject({
  api: z.literal('ostiary/1'),
  tenant: z.string().min(1).default('default'),
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8080),
      url: httpUrl
        .optional()
        .describe('How callers write its address, where that is another: proofs of possession are made for it.'),
      drain: duration
        .refine((ms) => ms <= 600_000, 'a gateway drains for 10m at most')
        .prefault('0s')
        .describe('How long /readyz says that it stops before it takes nothing new, so that balancers hear of it.'),
    })
    .prefault({}),
  doors: z
    .strictObject({
      graphql: z
        .strictObject({
          depth: z.int().min(1).max(100).default(10).describe('How deep an operation may select.'),
          cost: z
            .int()
            .min(10)
            .max(1_000_000)
            .default(2_000)
            .describe('What it may cost: 1 a field, 10 one that calls a backend, ten times as much below a list.'),
          aliases: z.int().min(0).max(1_000).default(30).describe('How many fields of a document may have an alias.'),
          tokens: z.int().min(10).max(100_000).default(2_000).describe('How long a document may be.'),
          calls: z
            .int()
            .min(1)
            .max(10_000)
            .default(100)
            .describe('Calls that one operation may come to, with all that it joins.'),
          at_once: z.int().min(1).max(1_000).default(8).describe('So many of them are under way at once.'),
        })
        .prefault({}),
      mcp: z
        .strictObject({
          hosts: z
            .array(z.string().min(1))
            .default([])
            .describe('Names, without a port, by which /mcp may be called beside those of this machine and of listen.'),
          origins: z
            .array(z.string().min(1))
            .default([])
            .describe('Host names of web pages that may call /mcp, beside those by which it is called.'),
          compact_above: z
            .int()
            .min(0)
            .max(10_000)
            .default(40)
            .describe('Above so many intents a client is given tools to search, describe and call them.'),
        })
        .prefault({}),
      grpc: z
        .strictObject({
          host: z.string().default('127.0.0.1'),
          port: z.int().min(0).max(65_535).describe('A port of its own; 0 takes any that is free.'),
          url: httpUrl
            .optional()
            .describe('How callers write its address, where that is another: proofs of possession are made for it.'),
          package: z
            .string()
            .regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/, 'a package is named like shop or acme.shop')
            .default('intents')
            .describe('In front of the services: intents.orders.OrdersService.'),
          concurrency: z
            .int()
            .min(1)
            .max(100_000)
            .default(1_024)
            .describe('Calls under way at once; one more is refused with UNAVAILABLE.'),
          tls: z
            .strictObject({
              cert: z.string().min(1).describe('A file of certificates in PEM.'),
              key: z.string().min(1).describe('A file with their private key in PEM.'),
              client_ca: z
                .string()
                .min(1)
                .optional()
                .describe('Clients must show a certificate that one of these has signed; a file in PEM.'),
            })
            .optional()
            .describe('Left out, the door speaks without TLS, and belongs on a loopback address.'),
        })
        .optional()
        .describe('Left out, there is no gRPC door.'),
    })
    .prefault({})
    .describe('Doors beside HTTP.'),
  intents: z.array(z.string()).default(['./intents']).describe('Files and folders of intents, in YAML or TypeScript.'),
  ontology: z.array(z.string()).default([]),
  schemas: z.array(z.string()).default([]).describe('Files of shared JSON Schemas.'),
  policies: z.array(z.string()).default(['./policies']),
  examples: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A file of calls that ran, made by "ostiary generate examples": shown in OpenAPI and on the reference page.',
    ),
  shadow: z
    .array(z.string())
    .default([])
    .describe('Policies on trial: they decide on every request, and nothing comes of it but a record.'),
  store: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^(file:|postgres(ql)?:\/\/)/,
          'the embedded store is written like file:./data, PostgreSQL like postgres://host/database',
        )
        .default('file:./data')
        .describe(
          'Several replicas share a PostgreSQL. Its address with a password is best read from the environment.',
        ),
    })
    .prefault({}),
  hot: z
    .strictObject({
      url: z.string().regex(/^rediss?:\/\//, 'Redis is written like redis://host:6379'),
    })
    .optional()
    .describe('Where replicas count their rates together; left out, each counts for itself.'),
  backends: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'a backend is named in lower case'), backendDocument)
    .default({}),
  credentials: z
    .strictObject({
      keys: z
        .array(
          z.strictObject({
            id: z.string().min(1),
            hash: z
              .string()
              .regex(
                /^sha256:[0-9a-f]{64}$/,
                'a hash is written "sha256:" and 64 hex digits; "ostiary key new" makes one',
              ),
            ...principal,
          }),
        )
        .default([]),
      jwt: z
        .array(
          z.strictObject({
            issuer: z.string().min(1),
            audience: z.string().min(1),
            jwks: z
              .string()
              .regex(/^(https?|file):/, 'written like https://issuer.example/jwks.json or file:./jwks.json'),
            subject_type: z.string().default('user'),
            purposes: z.array(z.string()).default([]),
            default_purpose: z.string().optional(),
          }),
        )
        .default([]),
      tokens: tokens.optional().describe('Capability tokens; left out, none are taken.'),
    })
    .prefault({}),
  models: z
    .array(
      z.strictObject({
        name: z.string().default('model'),
        baseURL: httpUrl,
        model: z.string().min(1),
        api_key: z.string().optional(),
        timeout: duration.prefault('8s'),
        max_tokens: z.int().min(16).max(32_768).default(512),
        price: z
          .strictObject({ input: z.number().min(0), output: z.number().min(0) })
          .optional()
          .describe('For a million tokens, in any currency, the same for all models; left out, it costs nothing.'),
      }),
    )
    .max(5, 'at most five models are asked')
    .default([])
    .describe('In the order they are asked: each where the one before fails.'),
  model_budget: z
    .strictObject({
      window: duration
        .refine((ms) => ms >= 1_000, 'a window is at least 1s')
        .prefault('24h')
        .describe('Counted anew in each.'),
      tokens: z.int().min(1).optional().describe('What a tenant may use in a window, question and answer together.'),
      money: z.number().min(0).optional().describe('What a tenant may spend in a window, by the prices of the models.'),
    })
    .optional()
    .describe('What each tenant may spend on language models, in each process.'),
  resolve: z
    .strictObject({
      candidates: z.int().min(1).max(20).default(5).describe('How many candidates a language model is shown.'),
      lines: z
        .strictObject({ read: lines, write: lines, destructive: lines })
        .partial()
        .default({})
        .describe('Confidences from which an intent runs, or is asked back; left out, they are set by target.'),
      targets: z
        .strictObject({
          refused: share.default(0.05).describe('Of good requests at most this share may be refused.'),
          read: share
            .default(0.9)
            .describe('Of the reads that run without a question, at least this share must be right.'),
          write: share.default(0.97),
          destructive: share.default(0.99),
        })
        .prefault({}),
      learned: z
        .string()
        .regex(/^file:/, 'a folder is written like file:./data/learned')
        .default('file:./data/learned')
        .describe('Where what was learned from the examples is kept, so that the next start need not learn it again.'),
      encoder: z
        .discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('onnx'),
            folder: z.string().min(1).describe('Holds model.onnx and tokenizer.json.'),
            prefix: z.string().max(100).default('').describe('Put before each text; some models want "query: ".'),
            packages: z
              .string()
              .min(1)
              .optional()
              .describe(
                'A folder whose node_modules holds onnxruntime-node and @huggingface/tokenizers; left out, that of the gateway or the one it is started in.',
              ),
          }),
          z.strictObject({
            kind: z.literal('openai'),
            baseURL: httpUrl,
            model: z.string().min(1),
            api_key: z.string().optional(),
            dimensions: z.int().min(16).max(4_096).describe('How long its vectors are.'),
            prefix: z.string().max(100).default('').describe('Put before each text; some models want "query: ".'),
            timeout: duration.prefault('5s'),
          }),
        ])
        .optional()
        .describe('A sentence encoder for what the built-in tier is not sure of.'),
    })
    .prefault({}),
  session: z
    .strictObject({
      key: z
        .string()
        .min(32, 'a session key has at least 32 characters; "openssl rand -base64 32" makes one')
        .optional()
        .describe(
          'Encrypts what a conversation carries. Left out, one is made up and kept in the store, for all replicas.',
        ),
      ttl: duration.prefault('10m').describe('How long a conversation may rest.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body: size.prefault('256KB'),
      depth: z.int().min(4).max(200).default(32),
      text: z.int().min(1).max(20_000).default(2_000).describe('Characters of an ask.'),
      deadline: duration.prefault('30s'),
      delay: duration
        .prefault('100ms')
        .describe(
          'How late this process may run before it turns requests away: of strangers first, then reads, then writes.',
        ),
    })
    .prefault({}),
  idempotency: z
    .strictObject({
      keep: duration
        .refine((ms) => ms >= 60_000, 'an answer is kept for at least 1m')
        .prefault('24h')
        .describe('How long the answer to a write is kept for its Idempotency-Key.'),
    })
    .prefault({}),
  authzen: authzenDocument
    .optional()
    .describe('Decisions for services that keep their own front door, by AuthZEN 1.0; left out, there are none.'),
  reputation: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('Whether what callers do is scored; else every band is unknown, which never helps a caller.'),
      canaries: z
        .array(z.string().regex(/^[a-z][a-z0-9.-]*@\d+$/, 'an intent is written with its major: orders.get@1'))
        .default([])
        .describe('Intents that nobody who means well calls: whoever does is restricted at once.'),
    })
    .prefault({}),
  telemetry: telemetryDocument
    .optional()
    .describe(
      'Traces, metrics and logs for OpenTelemetry and Prometheus; what the environment says counts without it.',
    ),
  audit: z
    .strictObject({
      words: z.enum(['keep', 'drop']).default('keep').describe('Whether the words of an ask are recorded.'),
      keep: duration
        .refine((ms) => ms >= 3_600_000, 'entries are kept for at least 1h')
        .optional()
        .describe('How long entries are kept, like 2160h; left out, for ever.'),
      key: keyFile
        .optional()
        .describe(
          'The private key that signs the log, in PEM; made where it is not there. Replicas share one. Left out, audit-key.pem beside the embedded store.',
        ),
      trusted: z
        .array(z.string().regex(/^[\w-]{43}$/, 'a public key is 43 characters, as "ostiary audit verify" prints it'))
        .max(20)
        .default([])
        .describe('Public keys that signed the log before.'),
    })
    .prefault({}),
});
export type Config = z.infer<typeof configDocument>;
