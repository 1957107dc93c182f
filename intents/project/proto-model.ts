import type { Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';

/** Protobuf as it is made of contracts: what the text, the descriptors and the translation of values all stand on. */
export interface ProtoModel {
  /** In front of every package. */
  readonly base: string;
  /** Sorted by service, then method. */
  readonly rpcs: readonly ProtoRpc[];
  /** What cannot be said in protobuf as the contract says it, one line each. */
  readonly notes: readonly string[];
}

/** One intent of one major. */
export interface ProtoRpc {
  readonly intent: Intent;
  /** `intents.orders` */
  readonly package: string;
  /** `OrdersService` */
  readonly service: string;
  /** `Refund`, `RefundV2` */
  readonly method: string;
  /** `/intents.orders.OrdersService/Refund` */
  readonly path: string;
  readonly request: ProtoMessage;
  readonly response: ProtoMessage;
  /** Whether it answers with a response for each item of its list. */
  readonly streams: boolean;
}

export type ProtoScalar = 'double' | 'float' | 'int64' | 'int32' | 'bool' | 'string' | 'bytes';

export type ProtoType =
  | { readonly kind: 'scalar'; readonly name: ProtoScalar }
  | { readonly kind: 'enum'; readonly of: ProtoEnum }
  | { readonly kind: 'message'; readonly of: ProtoMessage }
  /** Of google/protobuf/struct.proto: what has no type of its own. */
  | { readonly kind: 'open'; readonly name: 'Value' | 'Struct' | 'ListValue' };

export interface ProtoField {
  /** As the contract calls it. */
  readonly property: string;
  readonly name: string;
  readonly number: number;
  readonly type: ProtoType;
  readonly shape: 'one' | 'many' | 'map';
  /** Whether the contract requires it: then an empty list is one, and not left out. */
  readonly required: boolean;
  readonly description: string;
  /** Of a branch: what a value must fit to be it. */
  readonly branch?: JsonSchema;
}

export interface ProtoMessage {
  readonly name: string;
  /** `intents.orders.GetResponse.Items` */
  readonly fullName: string;
  readonly description: string;
  readonly fields: ProtoField[];
  readonly messages: ProtoMessage[];
  readonly enums: ProtoEnum[];
  /** Whether its fields are branches, of which one is there. */
  oneof: boolean;
  /** Whether the value stands in its only field, being no object itself. */
  wraps: boolean;
  /** Whether it belongs to no intent alone. */
  readonly shared: boolean;
}

export interface ProtoEnum {
  readonly name: string;
  readonly fullName: string;
  readonly description: string;
  /** Without the zero, which stands for none of them. */
  readonly values: readonly { readonly value: string; readonly name: string; readonly number: number }[];
  /** `STATUS_UNSPECIFIED` */
  readonly zero: string;
  readonly shared: boolean;
}
