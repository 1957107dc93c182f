import type { FastifyRequest } from 'fastify';
import { type Detail, detailsDocument } from '../../policies/tokens/details.ts';
import { noToken } from '../../policies/tokens/exchange.ts';
import type { Revocation } from '../../policies/tokens/revoke.ts';

/** Parameters of a form, each once (RFC 6749, section 3.2). */
export type Form = ReadonlyMap<string, string>;

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const jwtTypes = ['jwt', 'access_token', 'id_token'].map((name) => `urn:ietf:params:oauth:token-type:${name}`);

/** @throws OstiaryError where a parameter is given twice */
export const readForm = (body: string): Form => {
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (form.has(name)) throw noToken('invalid_request', `"${name}" is given more than once.`);
    if (value !== '') form.set(name, value);
  }
  return form;
};

export const formOf = ({ body }: FastifyRequest): Form => (body instanceof Map ? body : new Map());

/** @throws OstiaryError `token.refused` that says which parameter does not fit */
export const readExchange = (form: Form, audience: string) => {
  const grant = required(form, 'grant_type');
  if (grant !== exchangeGrant)
    throw noToken('unsupported_grant_type', `The one "grant_type" here is ${exchangeGrant}.`);
  const subjectToken = required(form, 'subject_token');
  if (!jwtTypes.includes(required(form, 'subject_token_type')))
    throw noToken('invalid_request', `"subject_token_type" is one of ${jwtTypes.join(', ')}.`);
  const actorToken = form.get('actor_token');
  if (actorToken !== undefined && !jwtTypes.includes(required(form, 'actor_token_type')))
    throw noToken('invalid_request', `"actor_token_type" is one of ${jwtTypes.join(', ')}.`);
  if ((form.get('requested_token_type') ?? accessTokenType) !== accessTokenType)
    throw noToken('invalid_request', `The one "requested_token_type" here is ${accessTokenType}.`);
  for (const name of ['audience', 'resource'])
    if ((form.get(name) ?? audience) !== audience)
      throw noToken('invalid_target', `Tokens are given for ${audience} ("${name}").`);
  if (form.has('scope'))
    throw noToken('invalid_scope', 'There are no scopes. What a token is for stands in "authorization_details".');
  return { subjectToken, actorToken, details: readDetails(form.get('authorization_details')) };
};

const readDetails = (written: string | undefined): readonly Detail[] | undefined => {
  if (written === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw noToken('invalid_authorization_details', '"authorization_details" is no JSON.');
  }
  const parsed = detailsDocument.safeParse(value);
  if (parsed.success) return parsed.data;
  const told = parsed.error.issues.slice(0, 5).map((issue) => {
    const at = `/${issue.path.join('/')}`;
    return issue.code === 'unrecognized_keys'
      ? `${at} has "${issue.keys.join('", "')}", which is not known`
      : `${at} ${issue.message}`;
  });
  throw noToken('invalid_authorization_details', `"authorization_details" does not fit: ${told.join('; ')}.`);
};

/** @throws OstiaryError `token.refused` unless just one thing is named */
export const readRevocation = (form: Form): Revocation => {
  const named = ['token', 'link', 'key'].filter((name) => form.has(name));
  const [name, ...others] = named;
  if (name === undefined || others.length > 0)
    throw noToken('invalid_request', 'Name one thing: the "token" itself, or a "link" or a "key" by its id.');
  const value = form.get(name) ?? '';
  if (name !== 'token' && !/^[\w-]{43}$/.test(value))
    throw noToken('invalid_request', `A "${name}" is named by 43 characters, as "ostiary token inspect" prints them.`);
  return { [name]: value } as unknown as Revocation;
};

const required = (form: Form, name: string): string => {
  const value = form.get(name);
  if (value === undefined) throw noToken('invalid_request', `"${name}" is missing.`);
  return value;
};
