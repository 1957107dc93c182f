import type { Effect, RestBinding } from '../contract.ts';
import type { Json, JsonSchema } from '../json.ts';

/** An intent as imported: what its YAML will say, not yet loaded and checked. */
export interface DraftIntent<Call extends DraftCall = DraftCall> {
  /** What the source calls it: `GET /pets/{id}`, `mutation createIssue`, `shop.v1.Orders/Refund`, `tool search`. */
  readonly operation: string;
  /** First part of the name; intents of one group share a file. */
  readonly group: string;
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly purposes?: readonly string[];
  readonly undo?: string;
  readonly sinks: readonly string[];
  readonly examples: readonly string[];
  readonly input: JsonSchema;
  readonly output: JsonSchema | undefined;
  readonly call: Call;
}

export interface RestCall {
  readonly backend: string;
  /** `GET /repos/{owner}/{repo}` */
  readonly rest: string;
  readonly query?: Readonly<Record<string, Json>>;
  readonly headers?: Readonly<Record<string, Json>>;
  readonly cookies?: Readonly<Record<string, Json>>;
  readonly body?: Json;
  readonly body_as?: NonNullable<RestBinding['bodyAs']>;
  readonly body_type?: string;
  readonly styles?: NonNullable<RestBinding['styles']>;
  readonly parts?: NonNullable<RestBinding['parts']>;
  readonly accept?: string;
  readonly answer_as?: NonNullable<RestBinding['answerAs']>;
}
export interface GraphqlCall {
  readonly backend: string;
  /** One operation, as it is sent. */
  readonly graphql: string;
  readonly variables?: Readonly<Record<string, Json>>;
}
export interface GrpcCall {
  readonly backend: string;
  /** `shop.v1.Orders/Refund` */
  readonly grpc: string;
}
export interface McpCall {
  readonly backend: string;
  /** The name of a tool. */
  readonly mcp: string;
  readonly arguments?: Readonly<Record<string, Json>>;
}
export type DraftCall = RestCall | GraphqlCall | GrpcCall | McpCall;

/** How the configuration will speak to the backend, as far as the source says it. */
export type Reach =
  | { readonly kind: 'rest' | 'graphql' }
  | {
      readonly kind: 'grpc';
      readonly address?: string;
      readonly tls?: boolean;
      readonly descriptors?: readonly string[];
    }
  | { readonly kind: 'mcp'; readonly command?: readonly string[] };

/** Something of an operation that the intent does not say, or says differently. */
export interface Lossy {
  /** `POST /orders`, or `schema:Order` for a shared schema. */
  readonly operation: string;
  /** JSON pointer into the imported document, or the name of a field or type. */
  readonly place: string;
  readonly reason: string;
}

export interface Imported<Call extends DraftCall = DraftCall> {
  readonly backend: string;
  readonly reach: Reach;
  readonly sourceName: string;
  /** Of the source, to be kept beside the set-up: what the backend needs to be called. */
  readonly files?: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly intents: readonly DraftIntent<Call>[];
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
