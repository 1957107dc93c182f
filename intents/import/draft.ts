import type { Effect } from '../contract.ts';
import type { Json, JsonSchema } from '../json.ts';

/** An intent as imported: what its YAML will say, not yet loaded and checked. */
export interface DraftIntent {
  /** First part of the name; intents of one group share a file. */
  readonly group: string;
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly sinks: readonly string[];
  readonly examples: readonly string[];
  readonly input: JsonSchema;
  readonly output: JsonSchema | undefined;
  readonly call: DraftCall;
}

export interface DraftCall {
  readonly backend: string;
  /** `GET /repos/{owner}/{repo}` */
  readonly rest: string;
  readonly query?: Readonly<Record<string, Json>>;
  readonly headers?: Readonly<Record<string, Json>>;
  readonly body?: Json;
}

/** Something of an operation that the intent does not say, or says differently. */
export interface Lossy {
  /** `POST /orders`, or `schema:Order` for a shared schema. */
  readonly operation: string;
  /** JSON pointer into the imported document. */
  readonly place: string;
  readonly reason: string;
}

export interface Imported {
  readonly backend: string;
  readonly sourceName: string;
  readonly intents: readonly DraftIntent[];
  /** By name; intents and schemas refer to them as `schema:name`. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
  readonly lossy: readonly Lossy[];
  /** Absolute http(s) addresses without credentials, the preferred first. */
  readonly servers: readonly string[];
  /** Headers by which the backend wants its credential, with an environment variable for the secret. */
  readonly credentialHeaders: Readonly<Record<string, string>>;
}

/** Why one operation, or one schema, cannot be translated. */
export class Untranslatable extends Error {
  /** @param place JSON pointer into the document, '' for none */
  constructor(place: string, reason: string) {
    super(place === '' ? reason : `${reason} (${place})`);
  }
}
