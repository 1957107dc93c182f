import { GraphQLError } from 'graphql';
import { OstiaryError, type Problem, toProblem } from '../../intents/problems.ts';
import type { Printed } from './http-print.ts';

/** An error of GraphQL that carries a problem: `extensions` has its members, `code` first among them. */
export const problemError = (problem: Problem): GraphQLError =>
  new GraphQLError(problem.detail, { extensions: { ...problem } });

/** @throws GraphQLError where what was printed for another door is a problem @returns its body where it is not */
export const bodyOf = ({ problem, body }: Printed): unknown => {
  if (problem) throw problemError(body as Problem);
  return body;
};

/**
 * The same error with a problem on it, whoever made it.
 * @param requestId by which the record is found
 * @param foreseen what it is where GraphQL itself found it
 * @param tell told of what nobody foresaw
 */
export const withProblem = (
  error: Error,
  requestId: string,
  foreseen: OstiaryError['code'],
  tell: (error: unknown) => void,
): GraphQLError => {
  const { nodes, source, positions, path, originalError, extensions = {} } = error as GraphQLError;
  if (typeof extensions.code === 'string') return error as GraphQLError;
  const place = { nodes, source, positions, path };
  const cause = originalError ?? error;
  if (cause instanceof OstiaryError)
    return new GraphQLError(cause.message, { ...place, extensions: { ...toProblem(cause, requestId) } });
  // A value that does not fit its argument is told by GraphQL, and everything else with a cause is ours.
  if (originalError !== undefined && !(originalError instanceof GraphQLError)) {
    tell(originalError);
    const problem = toProblem(originalError, requestId);
    return new GraphQLError(problem.detail, { ...place, extensions: { ...problem } });
  }
  const problem = toProblem(new OstiaryError(foreseen, error.message), requestId);
  return new GraphQLError(error.message, { ...place, extensions: { ...problem } });
};
