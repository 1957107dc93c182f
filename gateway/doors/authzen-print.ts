import { type OstiaryError, problems } from '../../intents/problems.ts';
import { toEvaluation } from '../../policies/record.ts';
import type { Asker, Directory } from '../authzen-directory.ts';
import type { Evaluated } from '../road/evaluate.ts';

/** An answer of the decision point: the decision, and in `context` why. Rules and files are for who may read them. */
export const printEvaluation = ({ context, outcome, reason, ignored }: Evaluated, { may }: Asker) => {
  const { asked, decision } = context;
  const unknown = ignored.length === 0 ? {} : { ignored };
  if (asked === undefined || decision === undefined || reason === 'error')
    return 'error' in outcome
      ? printError(outcome.error, context.request.id, unknown)
      : { decision: false, context: { evaluation_id: context.request.id, reason: 'error', ...unknown } };
  const { evaluation_id, evaluated_at, reason_user, obligations, ...admin } = toEvaluation(
    asked,
    decision,
    context.shadowed,
  ).response.context;
  const { reason: _same, ...rest } = admin;
  const shown =
    decision.fields === undefined || decision.outcome === 'deny'
      ? []
      : [{ id: 'fields', type: 'custom', properties: { kind: 'fields', fields: decision.fields } }];
  return {
    decision: reason === 'permitted',
    context: {
      evaluation_id,
      evaluated_at,
      reason,
      reason_user,
      obligations: [...obligations, ...shown],
      ...unknown,
      ...(may.has('explain') ? rest : {}),
    },
  };
};

/** A question that could not be decided is answered with a no, and says what was wrong with it. */
export const printError = ({ code, message, facts }: OstiaryError, id: string, more: object = {}) => ({
  decision: false,
  context: {
    evaluation_id: id,
    reason: 'error',
    error: { status: problems[code].status, code, message, ...(facts.errors && { errors: facts.errors }) },
    ...more,
  },
});

/** What a search found. It is all there is: nothing is left for another page. */
export const printSearch = (results: readonly object[]) => ({ results, page: { next_token: '' } });

/** The metadata of the decision point. Source: AuthZEN Authorization API 1.0, policy decision point metadata. */
export const printMetadata = ({ url }: Directory) => ({
  policy_decision_point: url,
  access_evaluation_endpoint: `${url}/access/v1/evaluation`,
  access_evaluations_endpoint: `${url}/access/v1/evaluations`,
  search_subject_endpoint: `${url}/access/v1/search/subject`,
  search_resource_endpoint: `${url}/access/v1/search/resource`,
  search_action_endpoint: `${url}/access/v1/search/action`,
});
