import type { Failure, Reply, UpstreamCode } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import type { Answered } from './graphql-send.ts';
import { readJson, statusFailure, textOf } from './http-answer.ts';
import type { HttpAnswer } from './http-exchange.ts';

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
}

const codes: Readonly<Record<string, UpstreamCode>> = {
  NOT_FOUND: 'upstream.not_found',
  CONFLICT: 'upstream.conflict',
  BAD_USER_INPUT: 'upstream.rejected',
  UNAUTHENTICATED: 'upstream.denied',
  FORBIDDEN: 'upstream.denied',
};

/**
 * Makes a reply of a GraphQL response: its data, or a failure where it has any error (GraphQL, section 7.1). Data beside
 * errors is a failure too: half an answer must not pass for a whole one.
 */
export const toGraphqlReply = (answer: HttpAnswer, logText: (text: string) => string): Reply =>
  replyOf({ ok: true, answer, body: readJson(answer, logText) }, logText);

/** The same of what has been read already. */
export const replyOf = ({ answer, body: read }: Answered, logText: (text: string) => string): Reply => {
  const success = answer.status >= 200 && answer.status < 300;
  const result = read.ok ? asResult(read.value) : undefined;
  if (result?.errors !== undefined) return errorsFailure(result, answer, success, logText);
  if (!success) return statusFailure(answer, logText);
  if (!read.ok) return read;
  if (result?.data === undefined || typeof result.data !== 'object' || Array.isArray(result.data))
    return failure('upstream.invalid', 'yes', logText(`Not a GraphQL response: ${textOf(answer)}`));
  return { ok: true, value: result.data };
};

const asResult = (value: unknown): Result | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { data, errors } = value as Result;
  return {
    ...(data === undefined ? {} : { data }),
    ...(Array.isArray(errors) && errors.length > 0 ? { errors } : {}),
  };
};

const errorsFailure = (
  result: Result,
  answer: HttpAnswer,
  success: boolean,
  logText: (text: string) => string,
): Failure => {
  const detail = logText(`HTTP ${answer.status}: ${hidden(JSON.stringify(result.errors), answer)}`);
  if (hasData(result.data)) return failure('upstream.failed', 'yes', `Partial answer. ${detail}`);
  const code = (result.errors ?? []).map(codeOf).find((known) => known !== undefined);
  if (code !== undefined) return failure(code, 'yes', detail);
  return success ? failure('upstream.failed', 'yes', detail) : { ...statusFailure(answer, logText), detail };
};

const hidden = (text: string, { token }: HttpAnswer): string =>
  token === undefined ? text : text.replaceAll(token, '***');

/** A nullable root field that failed leaves `{ "order": null }`, which is as empty as null. */
const hasData = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && Object.values(data).some((field) => field !== null);

const codeOf = (error: unknown): UpstreamCode | undefined => {
  const code = (error as { extensions?: { code?: unknown } } | null)?.extensions?.code;
  return typeof code === 'string' && Object.hasOwn(codes, code) ? codes[code] : undefined;
};
