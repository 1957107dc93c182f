import { stringify } from 'yaml';
import type { Imported } from './draft.ts';

/** Writes `ostiary.yaml` for an import: it starts as it is, with no key and so with no caller. */
export const configText = (
  { backend, credentialHeaders }: Imported,
  { tenant, url, schemas }: { tenant: string; url: string | undefined; schemas: readonly string[] },
): string => {
  const headers = stringify(credentialHeaders, {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  });
  const address =
    url === undefined
      ? `    # The document gives no absolute address: set BACKEND_URL, or write the address here.
    url: "\${BACKEND_URL:-http://127.0.0.1:3000}"`
      : `    url: ${JSON.stringify(url)}`;
  return `${stringify({
    api: 'ostiary/1',
    tenant,
    listen: { host: '127.0.0.1', port: 8080 },
    intents: ['./intents'],
    schemas,
    policies: ['./policies'],
    store: { url: 'file:./data' },
  })}
backends:
  ${backend}:
    kind: rest
${address}
    timeout: 10s
    # How the gateway proves itself to the backend. The secret is read from the environment.
    # headers:
${indented(headers, '    #   ')}
credentials:
  # Nobody can call yet. "npx ostiary key new" prints a key and its hash; the hash goes here, the key to the caller.
  # Take this in place of the line "keys: []":
  # keys:
  #   - id: first-caller
  #     hash: "sha256:..."
  #     subject: { type: user, id: first-caller }
  #     claims: { roles: [reader] }
  #     purposes: [general]
  #     default_purpose: general
  keys: []
`;
};

const indented = (text: string, before: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${before}${line}\n`)
    .join('');
