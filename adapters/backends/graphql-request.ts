import { hash } from 'node:crypto';
import type { Json } from '../../intents/json.ts';

/** What of a document is sent: its text, its hash, both, or the id by which it is trusted. */
export type Form = 'text' | 'hash' | 'both' | 'id';
/** @returns the request as JSON (GraphQL over HTTP, section 5.1) */
export type GraphqlRequest = (form: Form, variables: Readonly<Record<string, Json>>) => string;

/** Compiles the requests for one document: the variables are all that differs from one to the next. */
export const compileRequest = (query: string, operationName: string | undefined): GraphqlRequest => {
  const sha256Hash = documentHash(query);
  const name = operationName === undefined ? {} : { operationName };
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  const heads: Readonly<Record<Form, string>> = {
    text: headOf({ query, ...name }),
    hash: headOf({ ...name, extensions }),
    both: headOf({ query, ...name, extensions }),
    id: headOf({ documentId: `sha256:${sha256Hash}`, ...name }),
  };
  return (form, variables) => `${heads[form]}${JSON.stringify(variables)}}`;
};

/** SHA-256 of a document as it is written, in hex. */
export const documentHash = (query: string): string => hash('sha256', query, 'hex');

const headOf = (envelope: object): string => `${JSON.stringify(envelope).slice(0, -1)},"variables":`;
