import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { Pool } from 'undici';
import { type Input, isObject } from '../../intents/json.ts';
import { hashOf, inputHash, makeProof } from '../../policies/tokens/possession.ts';
import { type Connection, credentialHeaders, withConnection } from './client.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';
import { readSigner, readToken } from './token-input.ts';

interface ProofOptions {
  readonly with: string;
  readonly method: string;
  readonly url: string;
  readonly intent?: string;
  readonly input?: string;
  readonly text?: string;
  readonly purpose?: string;
  readonly plan?: string;
}

/** `ostiary token proof` */
export const addProof = (token: Command): void => {
  token
    .command('proof')
    .argument('[token]', 'the token; left out or "-", it is read from standard input')
    .summary('prove one request to be yours')
    .description(
      'Makes the proof that a token which is bound to a key wants with each request, for the header "DPoP" (RFC 9449). It ' +
        'holds for one request within a minute. With --intent and --input, or --text, it signs what is asked as well ' +
        '(level signed-request); with --plan, what a confirmation showed (level signed-plan).',
    )
    .requiredOption('--with <file>', 'your private key, to which the token was handed')
    .requiredOption('--url <url>', 'address of the request')
    .option('--method <name>', 'method of the request', 'POST')
    .option('--intent <id>', 'intent of a typed call: orders.refund@2')
    .option('--input <json>', 'its input, as it is sent')
    .option('--text <words>', 'words of an ask')
    .option('--purpose <name>', 'purpose, where the request declares one')
    .option('--plan <hash>', '"plan" of the confirmation that is answered')
    .addHelpText(
      'after',
      `
Example:
  $ npx ostiary token proof --with agent.jwk --url http://127.0.0.1:8080/v1/intents/orders.get < agent.token
  $ curl -H "authorization: DPoP $(cat agent.token)" -H "dpop: $PROOF" -H 'content-type: application/json' \\
      -d '{"order_id":"A-1001"}' http://127.0.0.1:8080/v1/intents/orders.get`,
    )
    .action(async (given: string | undefined, options: ProofOptions) => {
      const { method, url, intent, text, purpose, plan } = options;
      const input = options.input === undefined ? undefined : inputOf(options.input);
      const signer = await readSigner(options.with);
      if (!URL.canParse(url)) throw new CommandError(`"${url}" is not an address.`, exit.usage);
      const signed = {
        ...(intent === undefined ? {} : { int: intent }),
        ...(input === undefined ? {} : { inh: inputHash(input) }),
        ...(text === undefined ? {} : { utt: hashOf(text) }),
        ...(purpose === undefined ? {} : { goal: purpose }),
        ...(plan === undefined ? {} : { plan }),
      };
      const made = { method: method.toUpperCase(), url, credential: readToken(given), ...signed };
      print(await makeProof(signer, made, { jti: randomUUID(), now: new Date() }));
    });
};

const inputOf = (written: string): Input => {
  try {
    const value: unknown = JSON.parse(written);
    if (isObject(value)) return value as Input;
  } catch {}
  throw new CommandError('--input is a JSON object, as it is sent.', exit.usage);
};

type RevokeOptions = Connection & {
  readonly link?: string;
  readonly thumbprint?: string;
  readonly json?: boolean;
};

/** `ostiary token revoke` */
export const addRevoke = (token: Command): void => {
  withConnection(token.command('revoke').argument('[token]', 'the token; "-" reads it from standard input'))
    .summary('end a token before its time')
    .description(
      'Revokes the last link of a token at a running gateway, and all that was handed on below it. A token is shown by its ' +
        'subject, by who holds it or by whoever handed it on. By --link and --thumbprint, as the record and "ostiary token ' +
        'inspect" name them, only keys of credentials.tokens.revokers revoke.',
    )
    .option('--link <id>', 'a link by its id, instead of a token')
    .option('--thumbprint <id>', 'every token that is or was bound to this key, instead of a token')
    .option('--json', 'print the answer as the gateway gave it')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary token revoke - --key "$(cat app.token)" --with app.jwk < agent.token\n\nExit codes: 0 it is revoked, 1 it failed, 4 it was denied.',
    )
    .action(async (given: string | undefined, options: RevokeOptions) => {
      const { link, thumbprint, json } = options;
      const form = {
        ...(given === undefined && (link ?? thumbprint) !== undefined ? {} : { token: readToken(given) }),
        ...(link === undefined ? {} : { link }),
        ...(thumbprint === undefined ? {} : { key: thumbprint }),
      };
      const { status, body } = await post(options, '/v1/token/revoke', form);
      if (json) printJson(body);
      if (status !== 200)
        throw new CommandError(
          `${String(body.title)}: ${String(body.detail)}`,
          status === 401 || body.error === 'unauthorized_client' ? exit.denied : exit.failed,
        );
      const revoked = body.revoked as readonly string[];
      if (json) return;
      if (revoked.length === 0) print('It had ended by itself.');
      for (const id of revoked) print(`${paint('green', 'revoked')} ${id}`);
    });
};

const post = async (
  connection: RevokeOptions,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const { url } = connection;
  if (!URL.canParse(url)) throw new CommandError(`"${url}" is not an address.`, exit.usage);
  const { origin } = new URL(url);
  const headers = await credentialHeaders(connection, { method: 'POST', url: `${origin}${path}` });
  const pool = new Pool(origin, { connections: 1 });
  try {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form).toString(),
    });
    return { status: statusCode, body: (await body.json()) as Record<string, unknown> };
  } catch (error) {
    throw new CommandError(`No gateway answers at ${url} (${(error as Error).message}).`, exit.unreachable);
  } finally {
    await pool.close();
  }
};
