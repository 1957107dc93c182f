import { Command } from 'commander';
import { generateClientCommand } from './generate-client.ts';
import { generateExamplesCommand } from './generate-examples.ts';
import { generateGraphqlCommand } from './generate-graphql.ts';
import { generateMcpCommand } from './generate-mcp.ts';
import { generateOpenapiCommand } from './generate-openapi.ts';
import { generateProtoCommand } from './generate-proto.ts';

/** `ostiary generate openapi | graphql | proto | mcp | client | examples` */
export const generateCommand = (): Command => {
  const generate = new Command('generate')
    .summary('write what others build on, made of the contracts')
    .description(
      'Writes a projection of the intents of a set-up. Nothing of it is kept by hand: the same contracts give the same files.',
    );
  for (const command of [
    generateOpenapiCommand(),
    generateGraphqlCommand(),
    generateProtoCommand(),
    generateMcpCommand(),
    generateClientCommand(),
    generateExamplesCommand(),
  ])
    generate.addCommand(command);
  return generate;
};
