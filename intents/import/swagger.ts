import { upgrade } from '@scalar/openapi-upgrader';
import { isObject } from '../json.ts';

/** Whether a document says that it is Swagger 2.0. */
export const isSwagger = (document: unknown): document is Record<string, unknown> =>
  isObject(document) && document.openapi === undefined && /^2(\.|$)/.test(String(document.swagger));

/**
 * Turns Swagger 2.0 into OpenAPI 3.0. Places in what comes of it are those of OpenAPI: `#/components/schemas/Pet`, where
 * the source has `#/definitions/Pet`.
 * @throws Error where the document is too broken to be turned
 */
export const fromSwagger = (document: Record<string, unknown>): Record<string, unknown> => {
  if (!isObject(document.paths))
    throw new Error('The document describes no operations: "paths" is missing or no object.');
  try {
    // It is changed in place, and the caller's is the caller's.
    return upgrade(structuredClone(document), '3.0') as unknown as Record<string, unknown>;
  } catch (error) {
    throw new Error(`This Swagger 2.0 document cannot be turned into OpenAPI 3.0: ${(error as Error).message}`);
  }
};
