// What does a capability token cost? Verified the first time, then looked up and checked for revocation; the proof of each
// request; and the ceiling in a decision. CPU time, median of rounds, as in run.ts.
import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import { memoryReplays } from '../../adapters/keys/memory-replays.ts';
import { memoryRevocations } from '../../adapters/keys/memory-revocations.ts';
import { createAuthenticator } from '../../policies/credentials.ts';
import type { Detail } from '../../policies/tokens/details.ts';
import { type Signer, signerOf } from '../../policies/tokens/keys.ts';
import { attenuate, mintRoot } from '../../policies/tokens/mint.ts';
import { makeProof } from '../../policies/tokens/possession.ts';
import type { Principal } from '../../policies/types.ts';
import { asks, catalogueOf, compile, desk, policyText, sourceOf } from './policy.ts';

const rounds = 15;
const now = new Date();
const seconds = Math.floor(now.getTime() / 1_000);
const issuer = 'https://gate.example';
const url = `${issuer}/v1/ask`;

const newSigner = async (): Promise<Signer> =>
  signerOf(await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).privateKey));
const [gate, ...holders] = (await Promise.all(Array.from({ length: 6 }, newSigner))) as [Signer, ...Signer[]];
const gateKey = await importJWK(gate.publicJwk, 'EdDSA');
const detail: Detail & { intents: string[]; purposes: string[] } = {
  type: 'intent_capability',
  intents: catalogueOf(20).map(({ id }) => id),
  purposes: ['service'],
  limits: { 'orders.act-0@1': { '/amount': { lte: 100 } } },
};

const holderAt = (index: number): Signer => holders[index] as Signer;

/** @param bound whether it is bound to a key, and so wants a proof with each request */
const chainOf = async (links: number, bound = true): Promise<string> => {
  let { token } = await mintRoot(gate, {
    iss: issuer,
    aud: issuer,
    sub: 'dana',
    roles: ['desk'],
    iat: seconds,
    exp: seconds + 900,
    jti: randomUUID(),
    authorization_details: [detail],
    ...(bound ? { cnf: { jwk: holderAt(0).publicJwk } } : {}),
    del_depth: 0,
    del_max_depth: bound ? 4 : 0,
  });
  for (let at = 1; at < links; at++)
    ({ token } = await attenuate(
      token,
      holderAt(at - 1),
      holderAt(at).publicJwk,
      { details: [{ type: 'intent_capability', limits: { 'orders.act-0@1': { '/amount': { lte: 100 - at } } } }] },
      { jti: randomUUID(), now },
    ));
  return token;
};

const authenticator = () =>
  createAuthenticator('default', [], [], {
    trust: {
      issuers: new Map([[issuer, async () => gateKey as never]]),
      audience: issuer,
      tenant: 'default',
      maxLifetimeMs: 900_000,
    },
    revocations: memoryRevocations(),
    replays: memoryReplays(),
  });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** CPU microseconds of one call; work is prepared outside the time. */
const measured = async <T>(many: number, prepare: () => Promise<T[]>, work: (one: T) => unknown): Promise<number> => {
  const found: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const ready = await prepare();
    const before = process.cpuUsage();
    for (const one of ready) {
      const result = work(one);
      if (result instanceof Promise) await result;
    }
    const { user, system } = process.cpuUsage(before);
    if (round > 0) found.push((user + system) / many);
  }
  return median(found);
};
const times = <T>(many: number, make: () => T): T[] => Array.from({ length: many }, make);

const print = (line: string) => process.stdout.write(`${line}\n`);
print(`${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; CPU microseconds, median of ${rounds} rounds`);
print('');
print('| links | characters | verified, the first time | its proof, each time |');
print('|---|---|---|---|');
for (const links of [1, 2, 4]) {
  const chain = await chainOf(links);
  const holder = holderAt(links - 1);
  const proofs = (many: number) =>
    Promise.all(
      times(many, async () => ({
        dpop: await makeProof(holder, { method: 'POST', url, credential: chain }, { jti: randomUUID(), now }),
        method: 'POST',
        urls: [url],
      })),
    );
  const first = await measured(
    40,
    async () => (await proofs(40)).map((proof) => ({ fresh: authenticator(), proof })),
    ({ fresh, proof }) => fresh.identify(chain, now, proof),
  );
  const warm = authenticator();
  const later = await measured(
    200,
    () => proofs(200),
    (proof) => warm.identify(chain, now, proof),
  );
  print(`| ${links} | ${chain.length} | ${(first - later).toFixed(0)} | ${later.toFixed(0)} |`);
}

const bearer = await chainOf(1, false);
const warm = authenticator();
const principal = await warm.authenticate(bearer, now);
const cached = await measured(
  20_000,
  async () => times(20_000, () => bearer),
  (token) => warm.identify(token, now),
);
print('');
print(
  `bound to no key, from the second time on: ${cached.toFixed(2)} (SHA-256 of the token, lookup, revocation check)`,
);

const catalogue = catalogueOf(20);
const bundle = compile(sourceOf(policyText(200, 20)), catalogue);
const deciding = (who: Principal) => {
  const requests = catalogue.map((intent, index) => asks(intent, index, who));
  return measured(
    20_000,
    async () => times(1_000, () => requests).flat(),
    (request) => bundle.decide(request),
  );
};
const without = await deciding(desk);
const token = principal.token as NonNullable<Principal['token']>;
const two = await deciding({
  ...desk,
  token: { ...token, details: [[detail], [{ type: 'intent_capability', limits: detail.limits ?? {} }]] },
});
print(`a decision among 200 rules: ${without.toFixed(2)} without a token, ${two.toFixed(2)} under one of two links`);
