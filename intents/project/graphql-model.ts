import type { Intent } from '../contract.ts';
import type { Json, JsonSchema } from '../json.ts';

/** What a set of intents is in GraphQL: made once of the whole catalogue, so that names are the same for every caller. */
export interface GraphqlModel {
  /** One per intent, in the order of their ids. */
  readonly roots: readonly GraphqlRoot[];
  /** Things that can be had by their identifier, in the order of their names. */
  readonly entities: readonly GraphqlEntity[];
  /** What has no type in GraphQL. */
  readonly notes: readonly string[];
}

/** A field of `Query` or `Mutation`. */
export interface GraphqlRoot {
  readonly name: string;
  readonly intent: Intent;
  /** Undefined: the newest is meant. */
  readonly major: number | undefined;
  readonly type: GraphqlType;
  readonly args: readonly GraphqlField[];
  /** The input has no members to list: the one argument is the whole of it. */
  readonly whole: boolean;
}

export type GraphqlType =
  | { readonly kind: 'scalar'; readonly name: GraphqlScalar }
  | { readonly kind: 'enum'; readonly of: GraphqlEnum }
  | { readonly kind: 'object'; readonly of: GraphqlObject }
  | { readonly kind: 'union'; readonly of: GraphqlUnion }
  | { readonly kind: 'input'; readonly of: GraphqlInput }
  /** `nulls`: whether it may hold null. */
  | { readonly kind: 'list'; readonly of: GraphqlType; readonly nulls: boolean };

export type GraphqlScalar =
  | 'String'
  | 'ID'
  | 'Int'
  | 'Float'
  | 'Boolean'
  | 'JSON'
  | 'Int64'
  | 'DateTime'
  | 'Date'
  | 'Time'
  | 'Duration'
  | 'Email'
  | 'URI'
  | 'UUID'
  | 'Base64';

export interface GraphqlField {
  readonly name: string;
  /** What it is called in the contract. */
  readonly property: string;
  readonly type: GraphqlType;
  readonly description: string;
  /** Of an input: it must be given. No output must be there, since a policy may hide it. */
  readonly required: boolean;
  /** Whether the contract takes null; else a null that is given is left out. */
  readonly nullable: boolean;
  readonly deprecated: boolean;
  /** It is had by another call, with the identifier that `property` holds. */
  readonly join?: GraphqlEntity;
}

/** Something of the ontology that one read intent shows by its identifier. */
export interface GraphqlEntity {
  readonly name: string;
  readonly intent: Intent;
  /** The member of the intent's input that takes the identifier. */
  readonly argument: string;
  /** The field of the type that holds it. */
  readonly key: GraphqlField;
  readonly object: GraphqlObject;
}

export interface GraphqlObject {
  readonly name: string;
  readonly description: string;
  readonly fields: GraphqlField[];
}
export interface GraphqlInput {
  readonly name: string;
  readonly description: string;
  readonly fields: GraphqlField[];
  /** One of the fields is given, and stands for the value. */
  readonly oneof: boolean;
}
export interface GraphqlEnum {
  readonly name: string;
  readonly description: string;
  readonly values: readonly { readonly name: string; readonly value: Json }[];
}
export interface GraphqlUnion {
  readonly name: string;
  readonly description: string;
  readonly members: readonly { readonly object: GraphqlObject; readonly schema: JsonSchema }[];
}
