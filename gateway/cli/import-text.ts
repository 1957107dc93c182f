import { parse } from 'yaml';
import type { Imported } from '../../intents/import/draft.ts';
import { isObject } from '../../intents/json.ts';

export const sourceKinds = ['openapi', 'graphql', 'grpc', 'proto', 'descriptors', 'mcp'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** GitHub's REST description has 12 MB. */
export const maxSourceBytes = 64 * 1024 * 1024;

/**
 * Imports a document: OpenAPI, Swagger, a GraphQL schema or the answer to an introspection query.
 * @throws Error where it is none of them, or broken
 */
export const importText = async (
  text: string,
  {
    kind,
    backend,
    sourceName,
    url,
  }: { kind: SourceKind | undefined; backend: string; sourceName: string; url?: string },
): Promise<Imported> => {
  const { importGraphql } = await import('../../intents/import/graphql.ts');
  // A schema that lies somewhere says nothing of where its endpoint is.
  const beside = { backend, sourceName };
  const json = /^\s*[[{]/.test(text);
  if (!json && (kind === 'graphql' || (kind === undefined && looksLikeSdl(text))))
    return importGraphql({ sdl: text }, beside);
  const document = parsed(text, json);
  if (
    isObject(document) &&
    (isObject(document.__schema) || isObject((document.data as { __schema?: unknown })?.__schema))
  )
    return importGraphql({ introspection: document }, beside);
  if (kind === 'graphql') throw new Error('This is no GraphQL schema, and no answer to an introspection query.');
  if (kind === undefined && !(isObject(document) && (document.openapi ?? document.swagger) !== undefined))
    throw new Error(
      'This is nothing that is recognised: it has no "openapi", no "swagger" and no GraphQL types. --kind says what it is.',
    );
  const { importOpenapi } = await import('../../intents/import/openapi.ts');
  return importOpenapi(document, { backend, sourceName, ...(url === undefined ? {} : { url }) });
};

const parsed = (text: string, json: boolean): unknown => {
  try {
    return json ? JSON.parse(text) : parse(text, { maxAliasCount: 100 });
  } catch (error) {
    const yaml = json ? undefined : (error as { linePos?: { line: number; col: number }[] }).linePos?.[0];
    const place = yaml === undefined ? '' : ` (line ${yaml.line}, column ${yaml.col})`;
    throw new Error(
      `It is neither JSON nor YAML: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}${place}`,
    );
  }
};

const looksLikeSdl = (text: string): boolean =>
  !/^\s*"?(openapi|swagger)"?\s*:/m.test(text) &&
  /^\s*(extend\s+)?(type|interface|input|enum|union|scalar|schema|directive)\b[^:\n]*[{=@]/m.test(text);
