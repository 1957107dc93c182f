import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, parse } from 'graphql';
import type { GraphqlBinding } from '../../intents/contract.ts';
import type { Input, Json } from '../../intents/json.ts';
import { compileRequest, type GraphqlRequest } from './graphql-request.ts';
import { compileMembers } from './template.ts';

export interface GraphqlOperation {
  readonly document: DocumentNode;
  /** `query order`; without a name, its root fields: `query { order }`. */
  readonly label: string;
  /** Response name of the root field where there is exactly one. */
  readonly root: string | undefined;
  readonly variablesFor: (input: Input) => Record<string, Json>;
  /** The requests for it, or for another text that is a part of it. */
  readonly requestOf: (query: string) => GraphqlRequest;
  /** Whether it is a query: it changes nothing, and may be asked twice. */
  readonly reads: boolean;
}

/**
 * Reads the document of a binding. Its text never changes: the input reaches it as variables alone.
 * @throws Error where it does not parse (with line and column), is not one query or mutation, or lacks a variable
 */
export const compileOperation = (binding: GraphqlBinding): GraphqlOperation => {
  const document = parseDocument(binding.document);
  const operation = onlyOperation(document);
  const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  for (const name of Object.keys(binding.variables ?? {}))
    if (!declared.includes(name))
      throw new Error(
        `The operation has no variable $${name}; it has ${declared.map((known) => `$${known}`).join(', ') || 'none'}.`,
      );

  const byName = declared.filter((name) => !Object.hasOwn(binding.variables ?? {}, name));
  const filled = compileMembers(binding.variables ?? {});
  const name = operation.name?.value;
  const fields = operation.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? (selection.alias ?? selection.name).value : undefined,
  );
  return {
    document,
    label: `${operation.operation} ${name ?? `{ ${fields.map((field) => field ?? '...').join(' ')} }`}`,
    root: fields.length === 1 ? fields[0] : undefined,
    variablesFor: (input) => {
      const variables = filled(input);
      for (const variable of byName) if (Object.hasOwn(input, variable)) variables[variable] = input[variable] as Json;
      return variables;
    },
    requestOf: (query) => compileRequest(query, name),
    reads: operation.operation === 'query',
  };
};

const parseDocument = (text: string): DocumentNode => {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line = 1, column = 1 } = error.locations?.[0] ?? {};
    throw new Error(`The GraphQL document does not parse at line ${line}, column ${column}: ${error.message}`);
  }
};

const onlyOperation = (document: DocumentNode): OperationDefinitionNode => {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const other = document.definitions.find(
    ({ kind }) => kind !== Kind.OPERATION_DEFINITION && kind !== Kind.FRAGMENT_DEFINITION,
  );
  if (other !== undefined) throw new Error('The GraphQL document may hold one operation and its fragments alone.');
  const [operation] = operations;
  if (operation === undefined || operations.length > 1)
    throw new Error(`The GraphQL document must hold one operation; it holds ${operations.length}.`);
  if (operation.operation === 'subscription')
    throw new Error('A subscription cannot be called; write a query or a mutation.');
  return operation;
};
