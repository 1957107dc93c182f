/** What every client has, whatever the contracts are. */
export const clientRuntime = `export interface ClientOptions {
  /** Where the gateway is, like https://gateway.example.com. */
  readonly url: string;
  /** An API key or a token; a function is asked at each call. */
  readonly key?: string | (() => string | Promise<string>);
  /** Why it is asked, where a call does not say so itself. */
  readonly purpose?: string;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly purpose?: string;
  /** Sent again with the same key, a write is not done again. */
  readonly idempotencyKey?: string;
  /** The members of the output that are wanted, like "id" or "items/sku". */
  readonly fields?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What became of a request in words, or of a confirmation. */
export interface Answer {
  readonly outcome: 'completed' | 'clarify' | 'confirm' | 'approved' | 'declined' | 'out_of_scope';
  readonly request: string;
  readonly message?: string;
  readonly intent?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: unknown;
  /** To be sent along with the next ask. */
  readonly session?: string;
  readonly confirmation?: { readonly id: string; readonly expires_at: string; readonly text?: string };
  readonly [more: string]: unknown;
}

/** RFC 9457 problem details. Match on \`code\`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly confirmation?: { readonly id: string; readonly expires_at: string; readonly text?: string };
  readonly [more: string]: unknown;
}

/** Thrown where the gateway answers with a problem. */
export class OstiaryProblem extends Error {
  override readonly name = 'OstiaryProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

const sender = (options: ClientOptions) => {
  const base = options.url.replace(/\\/+$/, '');
  return async (path: string, body: unknown, { purpose = options.purpose, idempotencyKey, fields, signal }: CallOptions = {}) => {
    const key = typeof options.key === 'function' ? await options.key() : options.key;
    const query = fields === undefined ? '' : \`?fields=\${encodeURIComponent(fields.join(','))}\`;
    const response = await (options.fetch ?? fetch)(\`\${base}\${path}\${query}\`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: \`Bearer \${key}\` }),
        ...(purpose === undefined ? {} : { 'ostiary-purpose': purpose }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify(body),
      redirect: 'error',
      ...(signal === undefined ? {} : { signal }),
    });
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/problem+json')) throw new OstiaryProblem((await response.json()) as Problem);
    if (!response.ok || !type.startsWith('application/json')) throw new Error(\`\${base}\${path} answered with HTTP \${response.status}, and not as a gateway does.\`);
    return (await response.json()) as unknown;
  };
};
`;
