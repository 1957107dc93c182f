import type { FastifyRequest } from 'fastify';
import { OstiaryError } from '../../intents/problems.ts';
import type { Config } from '../config-document.ts';
import type { Mcp } from './mcp-server.ts';

/**
 * A page in a browser can reach what listens on its own machine, under a name that its owner points there. So the name it
 * is called by must be known, and so must the page. Source: MCP 2026-07-28, basic/transports, "Security Warning".
 * @throws OstiaryError where either is not
 */
export const letIn = ({ headers }: FastifyRequest, { doors: { mcp }, listen }: Config, sdk: Mcp): void => {
  const wildcard = listen.host === '0.0.0.0' || listen.host === '::';
  const hosts = [
    ...sdk.localhostAllowedHostnames(),
    ...(wildcard ? [] : [listen.host.includes(':') ? `[${listen.host}]` : listen.host]),
    ...(listen.url === undefined ? [] : [new URL(listen.url).hostname]),
    ...mcp.hosts,
  ];
  const host = sdk.validateHostHeader(headers.host, hosts);
  if (!host.ok) throw shut('host', host.hostname ?? 'no name', 'doors.mcp.hosts');
  const origin = sdk.validateOriginHeader(headers.origin, [...hosts, ...mcp.origins]);
  if (!origin.ok) throw shut('origin', origin.hostname ?? 'null', 'doors.mcp.origins');
};

const shut = (header: string, found: string, setting: string): OstiaryError =>
  new OstiaryError(
    'request.origin',
    `The ${header} "${found.slice(0, 100)}" is not known here. ${setting} in ostiary.yaml names those that are.`,
  );

/** Where this door is, as its caller knows it. */
export const resourceOf = ({ host }: FastifyRequest, { listen }: Config): URL =>
  new URL(`${listen.url?.replace(/\/$/, '') ?? `http://${host}`}/mcp`);

/**
 * Who gives out tokens for this door (RFC 9728, section 2).
 * @throws OstiaryError where nobody does: then there are API keys, and nothing to be looked up
 */
export const protectedResource = (resource: URL, { credentials }: Config): Record<string, unknown> => {
  const issuers = issuersOf(credentials);
  if (issuers.length === 0)
    throw new OstiaryError('request.not_found', 'No issuer of tokens is configured here: a credential is an API key.');
  return { resource: resource.href, authorization_servers: issuers, bearer_methods_supported: ['header'] };
};

/** What to send in `www-authenticate` (RFC 6750, section 3; RFC 9449, section 7.1; RFC 9728, section 5.1). */
export const challengeOf = (resource: URL, { credentials }: Config, code: string, sdk: Mcp): string => {
  if (code === 'credentials.proof') return 'DPoP error="invalid_dpop_proof", algs="ES256 ES384 EdDSA"';
  const found = [
    ...(code === 'credentials.missing' ? [] : ['error="invalid_token"']),
    ...(issuersOf(credentials).length === 0
      ? []
      : [`resource_metadata="${sdk.getOAuthProtectedResourceMetadataUrl(resource)}"`]),
  ];
  return ['Bearer', found.join(', ')].join(' ').trim();
};

const issuersOf = ({ jwt }: Config['credentials']): string[] =>
  jwt.map(({ issuer }) => issuer).filter((issuer) => /^https?:\/\//.test(issuer));
