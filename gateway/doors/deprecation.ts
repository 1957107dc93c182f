import type { Gate } from '../gate.ts';
import type { Anywhere } from '../road/context.ts';
import { named } from './http-read.ts';

/**
 * What a caller is told of a contract that is to go, as headers: `deprecation` (RFC 9745, section 2.1), `sunset` (RFC
 * 8594, section 3) and `link` to what stands in for it, where the caller may know of that.
 */
export const deprecationHeaders = (
  { compiled, forwarded, principal }: Anywhere,
  { catalogue, bundle }: Gate,
): Readonly<Record<string, string>> | undefined => {
  if (compiled === undefined) return undefined;
  const { intent } = compiled;
  const said = forwarded === undefined ? intent.deprecated : forwarded.deprecated;
  if (said === undefined) return undefined;
  const { name, major } = named(said.use ?? (forwarded === undefined ? intent.name : intent.id));
  const next = catalogue.find(name, major);
  const shown =
    next !== undefined &&
    principal !== undefined &&
    (next !== intent || forwarded !== undefined) &&
    bundle.visibility(principal, next) !== 'hidden';
  return {
    deprecation: `@${Date.parse(said.since) / 1_000}`,
    ...(said.sunset === undefined ? {} : { sunset: new Date(said.sunset).toUTCString() }),
    ...(shown ? { link: `</v1/intents/${next.id}>; rel="successor-version"` } : {}),
  };
};
