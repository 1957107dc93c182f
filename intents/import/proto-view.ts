/** What an importer reads of protos, whether they came as text, as descriptors or by server reflection. */
export interface ProtoView {
  readonly methods: readonly ProtoMethod[];
  /** @param fullName without a dot in front */
  message(fullName: string): ProtoMessage | undefined;
  enumeration(fullName: string): ProtoEnum | undefined;
}

export interface ProtoMethod {
  /** `shop.v1.Orders` */
  readonly service: string;
  readonly name: string;
  /** Full names of messages. */
  readonly input: string;
  readonly output: string;
  readonly streams: 'no' | 'client' | 'server' | 'both';
  readonly comment: string;
  readonly deprecated: boolean;
  /** Its option says that it has no side effects. */
  readonly pure: boolean;
  /** Of its `google.api.http` option, `GET`. */
  readonly http: string | undefined;
  /** Its `(ostiary.v1.intent)` option, as JSON. */
  readonly hint: unknown;
}

export interface ProtoMessage {
  readonly fullName: string;
  readonly comment: string;
  readonly fields: readonly ProtoField[];
}

export interface ProtoField {
  readonly name: string;
  readonly comment: string;
  readonly type: ProtoType;
  readonly shape: 'one' | 'list' | 'map';
  /** Scalar type of a map's keys. */
  readonly key: string | undefined;
  readonly oneof: string | undefined;
  readonly required: boolean;
  readonly outputOnly: boolean;
  readonly deprecated: boolean;
}

export type ProtoType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'message' | 'enum'; readonly name: string };

export interface ProtoEnum {
  readonly fullName: string;
  readonly comment: string;
  readonly values: readonly string[];
}

/** What others have published beside their protos, and what is read of it. */
export const knownOptions = {
  intent: 'ostiary.v1.intent',
  http: 'google.api.http',
  behaviour: 'google.api.field_behavior',
} as const;

/** The method of a `google.api.http` rule, as JSON. */
export const httpMethodOf = (rule: unknown): string | undefined =>
  typeof rule === 'object' && rule !== null
    ? ['get', 'put', 'post', 'delete', 'patch'].find((method) => method in rule)?.toUpperCase()
    : undefined;
