import type { Attributes } from '@opentelemetry/api';
import { problems } from '../../intents/problems.ts';
import type { Ended } from '../road/context.ts';

/** What a span says of a request: names out of contracts and fixed lists, and ids to find its record by. */
export const describe = ({ context, outcome }: Ended): { attributes: Attributes; error: string | undefined } => {
  const { request, compiled, resolution, decision } = context;
  const problem = 'error' in outcome ? outcome.error.code : undefined;
  const attributes: Attributes = {
    'ostiary.request.id': request.id,
    'ostiary.outcome': outcome.kind,
    ...(compiled && { 'ostiary.intent': compiled.intent.id, 'ostiary.effect': compiled.intent.effect }),
    ...(resolution && { 'ostiary.resolution.tier': resolution.tier }),
    ...(decision && { 'ostiary.decision': decision.outcome, 'ostiary.decision.id': decision.id }),
    ...(problem && { 'ostiary.problem': problem }),
  };
  // What a caller did wrong is no error of this gateway.
  return { attributes, error: problem !== undefined && problems[problem].status >= 500 ? problem : undefined };
};
