import { Command } from 'commander';
import { setupOrExplain } from './check.ts';
import { paintError, printError } from './terminal.ts';
import { writeOut } from './write-out.ts';

/** `ostiary generate graphql [DIR]` */
export const generateGraphqlCommand = (): Command =>
  new Command('graphql')
    .summary('write the schema of the GraphQL door')
    .description(
      'Writes the intents of a folder as a GraphQL schema, a subgraph of Federation 2: a field per intent, a type per ' +
        'entity. It is what the GraphQL door shows to a caller who may call everything; the same contracts give the same file.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--out <file>', 'where to; left out, it is printed')
    .addHelpText('after', '\nExample:\n  $ npx ostiary generate graphql examples/shop --out shop.graphql')
    .action(async (dir: string, options: { out?: string }) => {
      const { catalogue } = await setupOrExplain(dir, process.env);
      const [{ toGraphql }, { viewOf }, { graphqlSdl }] = await Promise.all([
        import('../../intents/project/graphql.ts'),
        import('../../intents/project/graphql-view.ts'),
        import('../../intents/project/graphql-text.ts'),
      ]);
      const model = toGraphql(catalogue);
      for (const note of model.notes) printError(`${paintError('yellow', 'note:')} ${note}`);
      writeOut(graphqlSdl(viewOf(model, () => true)), options.out);
    });
