import { stringify } from 'yaml';
import type { Imported, Reach } from './draft.ts';

/** Writes `ostiary.yaml` for an import: it starts as it is, with no key and so with no caller. */
export const configText = (
  imported: Imported,
  { tenant, url, schemas }: { tenant: string; url: string | undefined; schemas: readonly string[] },
): string =>
  `${stringify({
    api: 'ostiary/1',
    tenant,
    listen: { host: '127.0.0.1', port: 8080 },
    intents: ['./intents'],
    schemas,
    policies: ['./policies'],
    store: { url: 'file:./data' },
  })}
backends:
${backendText(imported, url)}
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

/**
 * How the configuration names one backend, below `backends:`.
 * @param variable what the names of environment variables for its address begin with
 */
export const backendText = (
  { backend, reach, credentialHeaders }: Imported,
  url: string | undefined,
  variable = 'BACKEND',
): string => {
  const headers = stringify(credentialHeaders, {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  });
  const credentials = reach.kind === 'grpc' ? 'metadata' : 'headers';
  return `  ${backend}:
    kind: ${reach.kind}
${addressText(reach, url, variable)}    timeout: 10s
${
  reach.kind === 'mcp' && reach.command !== undefined
    ? '    # Nothing of the environment is handed on but what stands here.\n    # env: {}\n'
    : `    # How the gateway proves itself to the backend. The secret is read from the environment.
    # ${credentials}:
${indented(headers, '    #   ')}`
}`;
};

const addressText = (reach: Reach, url: string | undefined, variable: string): string => {
  if (reach.kind === 'grpc') {
    const { address, tls, descriptors } = reach;
    const files = descriptors === undefined ? '' : `    descriptors: ${JSON.stringify(descriptors)}\n`;
    const where =
      address === undefined
        ? `    # The source gives no address: set ${variable}_ADDRESS, or write the address here.
    address: "\${${variable}_ADDRESS:-127.0.0.1:50051}"\n`
        : `    address: ${JSON.stringify(address)}\n${tls === true ? '    tls: true\n' : ''}`;
    return where + files;
  }
  if (reach.kind === 'mcp' && reach.command !== undefined) return `    command: ${JSON.stringify(reach.command)}\n`;
  return url === undefined
    ? `    # The document gives no absolute address: set ${variable}_URL, or write the address here.
    url: "\${${variable}_URL:-http://127.0.0.1:3000}"\n`
    : `    url: ${JSON.stringify(url)}\n`;
};

const indented = (text: string, before: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${before}${line}\n`)
    .join('');
