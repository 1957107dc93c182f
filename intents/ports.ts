import type { Binding } from './contract.ts';
import type { Input, Json, JsonSchema } from './json.ts';
import type { Code, FieldError } from './problems.ts';

export type UpstreamCode = Extract<Code, `upstream.${string}`>;

/** An upstream that fails is an expected reply, not an exception. */
export interface Failure {
  readonly ok: false;
  readonly code: UpstreamCode;
  /** Did the backend get the request? Retries, idempotency and `unknown` stand on this. */
  readonly reached: 'no' | 'maybe' | 'yes';
  /** For the log; never shown to a caller. */
  readonly detail: string;
  /** What a backend says in a form that is made to be told, of a refusal. */
  readonly told?: {
    /** By members of the input, where they are known. */
    readonly errors?: readonly FieldError[];
    readonly retryAfterS?: number;
  };
}
export type Reply = { readonly ok: true; readonly value: unknown } | Failure;

/** How far a backend says it is. Its words are left out: nobody has decided who may see them. */
export interface CallProgress {
  readonly progress: number;
  readonly total?: number;
}

export interface CallContext {
  /** Fires at the deadline and when the caller hangs up. */
  readonly signal: AbortSignal;
  /** Milliseconds until that deadline, where one is near enough to be told to the backend. */
  readonly leftMs?: number;
  /** What the gateway itself sends along (request id, trace). Inbound headers are never among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The verified JWT of the caller, for a backend that is called on their behalf. It is sent nowhere else. */
  readonly subjectToken?: string;
  /** JSON pointers to the members of the output that are wanted, where others may be left out. */
  readonly fields?: readonly string[];
  /**
   * Takes the items of a list one by one, as they come, where the caller can have them so and the backend streams them;
   * the list that is answered then is empty. Resolves when there is room for the next, rejects where it ends here.
   */
  readonly items?: (item: unknown) => Promise<void>;
  /** What is made of each item of a list that the backend streams, before it is taken. It rejects where that fails. */
  readonly each?: (item: unknown) => Promise<unknown>;
  /** Told by the backends that can tell. */
  readonly progress?: (so: CallProgress) => void;
  /** Told the status of the answer, as its protocol numbers them: that of HTTP, or of gRPC. */
  readonly answered?: (status: number) => void;
  /** Runs each try of the call, counted from 0; what it is given replaces the same of this context, headers being added. */
  readonly tried?: (
    again: number,
    go: (of: Pick<CallContext, 'headers' | 'answered'>) => Promise<Reply>,
  ) => Promise<Reply>;
}
export type Call = (input: Input, context: CallContext) => Promise<Reply>;

/** What would be sent, for `explain` and for the record: no credential in it. */
export interface Preview {
  /** `POST http://127.0.0.1:4001/orders/A-1001/refunds`, `query order`, `shop.v1.Shipments/Track`. */
  readonly operation: string;
  readonly payload: Json;
}

export interface CompiledCall {
  readonly call: Call;
  /** Whether it can fetch only the `fields` that are wanted; left out, it fetches everything. */
  readonly narrows?: true;
  /** Works out what expressions say of an input, for `preview`. @throws Error (rejects) where they cannot */
  readonly prepare?: (input: Input) => Promise<Input>;
  /** @throws Error that says which value cannot be sent safely */
  readonly preview: (input: Input) => Preview;
}

/** All that the road asks of any backend. */
export interface Backend {
  /**
   * Turns a binding into straight-line code at load: a wrong binding throws here, never on a request.
   * @throws Error whose message says what is wrong with the binding and what would be right
   */
  compile(binding: Binding): CompiledCall;
  close(): Promise<void>;
}

/** A backend that can say at start whether its bindings exist upstream. */
export interface Probing {
  /** @returns one message per compiled binding that the upstream does not know; rejects where it cannot be reached */
  probe(signal: AbortSignal): Promise<readonly string[]>;
}

/** What a language model is shown of one candidate. */
export interface ModelCandidate {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly input: JsonSchema;
}
export interface ModelQuestion {
  readonly text: string;
  readonly candidates: readonly ModelCandidate[];
  /** ISO 8601, so that "tomorrow" means something. */
  readonly now: string;
  /** IANA name: what "tomorrow" is counted in. */
  readonly zone?: string;
  /** BCP 47. */
  readonly locale?: string;
  /** Whose budget it is asked on. */
  readonly tenant?: string;
  /** Told as an answer comes in. @param tokens so far, about */
  readonly onProgress?: (tokens: number) => void;
}
/** What was used up, in tokens, and in the currency of the configured prices where there are any. */
export interface ModelUsage {
  readonly input: number;
  readonly output: number;
  readonly money?: number;
}
/** Usage is there wherever the model said it, of failed tries too. */
export type ModelAnswer = { readonly usage?: ModelUsage } & (
  | { readonly ok: true; readonly intent: string | null; readonly input: Input }
  | { readonly ok: false; readonly detail: string }
);

/** A language model proposes; its answer is checked like any caller's input. */
export interface Model {
  readonly name: string;
  /** Never rejects: down, slow, refused or nonsense is `{ ok: false }`. */
  propose(question: ModelQuestion, signal: AbortSignal): Promise<ModelAnswer>;
}

export interface ModelSpend {
  readonly tokens: number;
  readonly money: number;
}
export interface ModelReservation {
  /** @param actual undefined where it is not known: then all that was reserved is spent. Called once. */
  settle(actual: ModelSpend | undefined): void;
}
/** What each tenant may spend on language models: reserved before a question is sent, settled after. */
export interface ModelBudget {
  /** @param atMost what one try can cost; what is under way counts as spent */
  reserve(tenant: string, atMost: ModelSpend): Promise<ModelReservation | { readonly refused: 'tokens' | 'money' }>;
}

/** Turns texts into vectors of one length: a sentence encoder in this process, or a remote embeddings endpoint. */
export interface Encoder {
  /** Changes when the vectors do: what was learned with one encoder is never used with another. */
  readonly id: string;
  readonly dimensions: number;
  /**
   * @returns one vector of unit length a text, in order; the same text gives the same vector
   * @throws Error (rejects) where the encoder cannot be had, in words a caller may read
   */
  encode(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}
