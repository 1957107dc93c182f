import type { CallContext, Failure, Reply } from '../../intents/ports.ts';
import { readJson } from './http-answer.ts';
import type { HttpClient } from './http-client.ts';
import type { HttpAnswer } from './http-exchange.ts';

/** What came back for one operation, before it is known what that means. */
export interface Answered {
  readonly ok: true;
  readonly answer: HttpAnswer;
  /** The body, or why it is no JSON. */
  readonly body: Reply;
}
/** Never rejects. @param request one operation, or several, as JSON */
export type Send = (request: string, context: CallContext) => Promise<Answered | Failure>;

/** Sends each request by itself. */
export const sendAlone =
  (client: HttpClient, path: string): Send =>
  async (body, context) => {
    const answer = await client.send({ method: 'POST', path, body }, context);
    return answer.ok ? { ok: true, answer, body: readJson(answer, client.logText) } : answer;
  };
