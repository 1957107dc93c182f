import type { Input, Json, JsonSchema } from './json.ts';

/** What an intent does to the world. */
export type Effect = 'read' | 'write' | 'destructive';

/** Where a value of the input came from. `model` is everything that is not found in a better place. */
export type Provenance = 'user' | 'input' | 'session' | 'default' | 'principal' | 'backend' | 'model';

/** One slot value in the words of an example: `text.slice(start, end)` is how it is written. */
export interface Annotation {
  readonly slot: string;
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** An utterance that means this intent. `text` is plain; the brackets of `[slot: value]` are gone. */
export interface Example {
  readonly text: string;
  readonly annotations: readonly Annotation[];
  /** The input that the example stands for, where the file says it; else built from the annotations' strings. */
  readonly input: Input;
}

/** JSON in which every string that begins with `$.` is a reference, `$.a.b` into the input, and `{ jsonata: … }` an expression. */
export type Template = Json;

interface BindingBase {
  readonly backend: string;
  /** `$.a.b` into the backend's answer; left out, the whole of it (for GraphQL, the one root field). */
  readonly result?: string;
  /** What is made of the backend's answer, in place of `result`: references and expressions read the whole of it. */
  readonly mapped?: Template;
}
export interface RestBinding extends BindingBase {
  readonly kind: 'rest';
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A path template, `/orders/{order_id}/refunds`; each name is a slot. */
  readonly path: string;
  /** Left out, by name: what the path does not use goes to the query of a GET or DELETE, else to the JSON body. */
  readonly query?: Readonly<Record<string, Template>>;
  readonly headers?: Readonly<Record<string, Template>>;
  readonly cookies?: Readonly<Record<string, Template>>;
  readonly body?: Template;
  /** Left out, JSON. `base64`: the body is a string in base64, and its bytes are sent. */
  readonly bodyAs?: 'json' | 'form' | 'multipart' | 'text' | 'base64';
  /** Its media type, where it is not the usual one. */
  readonly bodyType?: string;
  /** The media types that are asked for, as the header says them; an answer of another is a failure. */
  readonly accept?: string;
  /** What an answer is read as; left out, JSON. `base64`: its bytes, as a string. */
  readonly answerAs?: 'json' | 'text' | 'base64';
  readonly pages?: RestPages;
  /** How values are written, by name; of the path by slot. */
  readonly styles?: Readonly<
    Partial<Record<'path' | 'query' | 'headers' | 'body', Readonly<Record<string, RestStyle>>>>
  >;
  /** Of a multipart body, by member. */
  readonly parts?: Readonly<Record<string, RestPart>>;
}
/** As OpenAPI names them; left out, `simple` in path and headers, `form` elsewhere. */
export interface RestStyle {
  readonly style?: 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
  /** Left out, true for `form` and `deepObject` only. */
  readonly explode?: boolean;
  readonly allowReserved?: boolean;
}
/** How a list that comes in pages is read to its end. */
export type RestPages = {
  /** `$.a.b` to the list in a page; left out, the page itself. */
  readonly items?: string;
  /** Pages, default 20, and items, default 10,000, at most. */
  readonly most?: number;
  readonly mostItems?: number;
  /** What becomes of a list that has more; left out, it fails: half a list must not pass for a whole one. */
  readonly more?: 'fail' | 'cut';
} & (
  | { readonly by: 'link' }
  /** `at`: where a page has the address of the next. */
  | { readonly by: 'next'; readonly at: string }
  | { readonly by: 'cursor'; readonly at: string; readonly parameter: string }
  /** `first`: 1 of pages, 0 of items. `size`: a page with fewer items is the last; left out, an empty one. */
  | { readonly by: 'number' | 'offset'; readonly parameter: string; readonly first?: number; readonly size?: number }
);
export interface RestPart {
  /** The member is a file, in base64. */
  readonly encoding?: 'base64';
  readonly type?: string;
  readonly filename?: Template;
}
export interface GraphqlBinding extends BindingBase {
  readonly kind: 'graphql';
  /** One operation. Its variables are filled by name from the input unless `variables` says otherwise. */
  readonly document: string;
  readonly variables?: Readonly<Record<string, Template>>;
}
export interface GrpcBinding extends BindingBase {
  readonly kind: 'grpc';
  /** Full name, `shop.v1.Shipments`. */
  readonly service: string;
  readonly method: string;
  /** The request message as ProtoJSON; left out, the input by name. */
  readonly message?: Template;
}
export interface McpBinding extends BindingBase {
  readonly kind: 'mcp';
  readonly tool: string;
  /** The arguments of the tool; left out, the input by name. */
  readonly arguments?: Readonly<Record<string, Template>>;
  /** Members of the input, by which a server's own schema can be held against them. */
  readonly members: readonly { readonly name: string; readonly required: boolean }[];
}
export type Binding = RestBinding | GraphqlBinding | GrpcBinding | McpBinding;

/** The read that says whether a write was done. Its input is filled by name, `idempotency_key` with the key of the write. */
export interface Check {
  readonly intent: string;
  /** Into its output: done, unless nothing stands there, or false, null or an empty list. Left out: done if it is found. */
  readonly done?: readonly string[];
}

/** That a contract is to go. Days are written 2027-01-31, and begin at midnight UTC. */
export interface Deprecation {
  readonly since: string;
  /** From then on it may be gone. */
  readonly sunset?: string;
  /** What to call in its place; left out, the newest major. */
  readonly use?: string;
}

/** An earlier major whose callers are served by this one. */
export interface Forward {
  readonly major: number;
  /** What they send, by the contract they know; unknown members refused. */
  readonly input: JsonSchema;
  /** Members of this major's input, out of theirs; what is not here goes by name. */
  readonly map: Readonly<Record<string, Template>>;
  /** What they get, by the contract they know; left out, the output of this major. */
  readonly output?: JsonSchema;
  /** Members of that, out of this major's output; what is not here goes by name. */
  readonly answer?: Readonly<Record<string, Template>>;
  readonly deprecated?: Deprecation;
}

/** A versioned typed contract, as loaded and checked. Everything else is a projection of it. */
export interface Intent {
  /** Dotted, kebab-case: `orders.refund`. */
  readonly name: string;
  /** Semantic version, `2.1.0`. */
  readonly version: string;
  readonly major: number;
  /** `orders.refund@2`: how policies and the log name it. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  /** Purposes the contract allows, each with everything below it; empty means any. */
  readonly purposes: readonly string[];
  readonly entity: string | undefined;
  readonly examples: readonly Example[];
  /** JSON Schema 2020-12 of type object, unknown members refused. References are `ontology:…` and `schema:…`. */
  readonly input: JsonSchema;
  readonly output: JsonSchema | undefined;
  readonly call: Binding;
  /** Name of the intent that takes this one back. */
  readonly undo: string | undefined;
  /** The backend does it once, however often it gets it with the same key. */
  readonly idempotent?: boolean;
  /** How to find out whether it was done. */
  readonly check?: Check;
  readonly deprecated?: Deprecation;
  /** Earlier majors that this one takes over. */
  readonly from?: readonly Forward[];
  /** JSON pointers into the input that decide where an effect lands. */
  readonly sinks: readonly string[];
  /** What to do with an output that does not fit its schema. */
  readonly outputMode: 'strict' | 'report' | 'drop';
  readonly source: { readonly file: string; readonly line: number; readonly column: number };
}
