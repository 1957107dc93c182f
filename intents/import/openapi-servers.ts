import { isObject } from '../json.ts';
import type { OpenapiObject } from './openapi-document.ts';

/**
 * Finds the addresses that a document gives, variables filled with their defaults. Relative addresses, other schemes and
 * addresses with a credential are left out, and so is `$`: the configuration reads `${…}` as an environment variable.
 * @param servers a `servers` array
 * @param base where the document was fetched: relative addresses are counted from it, and without any it is the origin
 */
export const serverUrls = (servers: unknown, base?: string): string[] => {
  if (!Array.isArray(servers) || servers.length === 0) return base === undefined ? [] : [new URL(base).origin];
  const urls = servers.flatMap((server) => {
    if (!isObject(server) || typeof server.url !== 'string') return [];
    const variables = isObject(server.variables) ? server.variables : {};
    const filled = server.url.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
      const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return isObject(variable) && typeof variable.default === 'string' ? variable.default : whole;
    });
    if (/[\s{}$?#]/.test(filled) || !URL.canParse(filled, base)) return [];
    const url = new URL(filled, base);
    if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return [];
    return [url.href.replace(/\/+$/, '')];
  });
  return [...new Set(urls)];
};

/**
 * Says by which headers a document wants a credential, with environment variables for the secrets.
 * @returns header name in lower case -> value as the configuration takes it
 */
export const credentialHeaders = (document: OpenapiObject, backend: string): Record<string, string> => {
  const variable = `${backend.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TOKEN`;
  const components = isObject(document.components) ? document.components : {};
  const schemes = isObject(components.securitySchemes) ? Object.values(components.securitySchemes) : [];
  const headers: [string, string][] = [];
  for (const scheme of schemes) {
    if (!isObject(scheme)) continue;
    const { type, scheme: auth, in: where, name } = scheme;
    if (type === 'apiKey' && where === 'header' && typeof name === 'string' && /^[A-Za-z0-9-]+$/.test(name))
      headers.push([name.toLowerCase(), `\${${variable}:-}`]);
    else if (type === 'http' && typeof auth === 'string' && auth.toLowerCase() === 'basic')
      headers.push(['authorization', `Basic \${${variable}:-}`]);
    else if (type === 'http' || type === 'oauth2' || type === 'openIdConnect')
      headers.push(['authorization', `Bearer \${${variable}:-}`]);
  }
  return Object.fromEntries(headers.length === 0 ? [['authorization', `Bearer \${${variable}:-}`]] : headers);
};
