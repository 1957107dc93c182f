import { isObject, pointerPath, pointerSegment, valueAt } from '../json.ts';
import { Untranslatable } from './draft.ts';

export type OpenapiObject = Record<string, unknown>;

/** One operation of a document, with all references followed down to its own object. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly place: string;
  readonly value: OpenapiObject;
  readonly pathItem: OpenapiObject;
  readonly pathPlace: string;
}

/** A value of the document and where it stands, as a JSON pointer with `#`. */
export interface Found {
  readonly value: unknown;
  readonly place: string;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace'];
const maxHops = 20;

/**
 * Makes sure that a document is one we read.
 * @throws Error that says what was found and what is supported
 */
export const openapiDocument = (document: unknown): OpenapiObject => {
  const supported = 'OpenAPI 3.0 and 3.1 are supported, and Swagger 2.0.';
  if (!isObject(document))
    throw new Error(`This is not an OpenAPI document: it is ${kindOf(document)}, not an object. ${supported}`);
  const { openapi, swagger, paths } = document;
  if (openapi === undefined && swagger !== undefined)
    throw new Error(
      `This is Swagger ${typeof swagger === 'string' ? swagger.slice(0, 20) : '2.0'}. ${supported} Convert it first.`,
    );
  if (openapi === undefined) throw new Error(`This is not an OpenAPI document: it has no "openapi" key. ${supported}`);
  if (typeof openapi !== 'string' || !/^3\.[01](\.|$)/.test(openapi))
    throw new Error(
      `The document says "openapi": ${typeof openapi === 'string' ? JSON.stringify(openapi.slice(0, 40)) : kindOf(openapi)}. ${supported}`,
    );
  if (!isObject(paths))
    throw new Error(
      `The document describes no operations: "paths" is ${paths === undefined ? 'missing' : kindOf(paths)}, it must be an object.`,
    );
  return document;
};

/** Lists every operation, and what stands where an operation should but is none. */
export const operationsOf = (
  document: OpenapiObject,
): { operations: Operation[]; skipped: { operation: string; reason: string }[] } => {
  const operations: Operation[] = [];
  const skipped: { operation: string; reason: string }[] = [];
  for (const [path, item] of Object.entries(document.paths as OpenapiObject)) {
    if (path.startsWith('x-')) continue;
    try {
      const { value: pathItem, place: pathPlace } = follow(document, item, `#/paths/${pointerSegment(path)}`);
      for (const method of methods) {
        if (!Object.hasOwn(pathItem, method)) continue;
        const place = `${pathPlace}/${method}`;
        const value = pathItem[method];
        if (isObject(value)) operations.push({ method: method.toUpperCase(), path, place, value, pathItem, pathPlace });
        else
          skipped.push({
            operation: `${method.toUpperCase()} ${path}`,
            reason: `the operation is ${kindOf(value)}, not an object (${place})`,
          });
      }
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      skipped.push({ operation: path, reason: error.message });
    }
  }
  return { operations, skipped };
};

/**
 * Follows the references of a value (parameter, response, request body, path item) to the object they mean.
 * @throws Untranslatable on a reference out of the document, to nothing, or in a circle, and on anything but an object
 */
export const follow = (
  document: OpenapiObject,
  value: unknown,
  place: string,
): { value: OpenapiObject; place: string } => {
  let here: Found = { value, place };
  for (let hops = 0; hops < maxHops; hops++) {
    if (!isObject(here.value)) throw new Untranslatable(here.place, `${kindOf(here.value)} where an object should be`);
    if (here.value.$ref === undefined) return { value: here.value, place: here.place };
    here = target(document, here.value.$ref, here.place);
  }
  throw new Untranslatable(place, 'the references go round in a circle');
};

/**
 * Finds what a `$ref` means.
 * @throws Untranslatable on a reference out of the document or to nothing
 */
export const target = (document: OpenapiObject, ref: unknown, place: string): Found => {
  if (typeof ref !== 'string') throw new Untranslatable(place, '$ref must be a string');
  const shown = JSON.stringify(ref.slice(0, 120));
  if (!ref.startsWith('#')) throw new Untranslatable(place, `$ref ${shown} leads out of the document`);
  if (!ref.startsWith('#/')) throw new Untranslatable(place, `$ref ${shown} is not a JSON pointer`);
  let pointer = ref.slice(1);
  try {
    pointer = decodeURIComponent(pointer);
  } catch {
    throw new Untranslatable(place, `$ref ${shown} is not percent-encoded rightly`);
  }
  const value = valueAt(document, pointerPath(pointer));
  if (value === undefined) throw new Untranslatable(place, `$ref ${shown} refers to nothing`);
  return { value, place: `#${pointer}` };
};

export const kindOf = (value: unknown): string =>
  value === null || value === undefined
    ? 'nothing'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
