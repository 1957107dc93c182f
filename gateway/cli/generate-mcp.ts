import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { setupOrExplain } from './check.ts';
import { CommandError, paintError, printError } from './terminal.ts';

/** `ostiary generate mcp [DIR]` */
export const generateMcpCommand = (): Command =>
  new Command('mcp')
    .summary('write the tools of the MCP door')
    .description(
      'Writes the intents of a folder as MCP lists tools: one each, and "ask". It is what the MCP door shows to a caller ' +
        'who may call everything, as long as there are not too many; the same contracts give the same file.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--out <file>', 'where to; left out, it is printed')
    .addHelpText('after', '\nExample:\n  $ npx ostiary generate mcp examples/shop --out tools.json')
    .action(async (dir: string, options: { out?: string }) => {
      const { catalogue } = await setupOrExplain(dir, process.env);
      const { mcpTools } = await import('../../intents/project/mcp.ts');
      const { intents } = catalogue;
      const text = `${JSON.stringify({ tools: mcpTools(intents, catalogue, intents.length) }, null, 2)}\n`;
      if (options.out === undefined) {
        process.stdout.write(text);
        return;
      }
      try {
        writeFileSync(options.out, text);
      } catch (error) {
        throw new CommandError(`${options.out} cannot be written: ${(error as Error).message}`);
      }
      printError(`${paintError('green', '✔')} ${options.out}`);
    });
