import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { setupOrExplain } from './check.ts';
import { CommandError, paintError, printError } from './terminal.ts';

/** `ostiary generate proto [DIR]` */
export const generateProtoCommand = (): Command =>
  new Command('proto')
    .summary('write the .proto files of the gRPC door')
    .description(
      'Writes the intents of a folder as protobuf: a service per family of intents, an rpc per intent and major. It is ' +
        'what the gRPC door serves, and the same contracts give the same files.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--out <dir>', 'where to; left out, they are printed')
    .addHelpText('after', '\nExample:\n  $ npx ostiary generate proto examples/shop --out protos')
    .action(async (dir: string, options: { out?: string }) => {
      const { config, catalogue } = await setupOrExplain(dir, process.env);
      const [{ toProto }, { protoTexts }] = await Promise.all([
        import('../../intents/project/proto.ts'),
        import('../../intents/project/proto-text.ts'),
      ]);
      const model = toProto(catalogue.intents, catalogue.library, config.doors.grpc?.package ?? 'intents');
      const files = protoTexts(model);
      for (const note of model.notes) printError(`${paintError('yellow', 'note:')} ${note}`);
      if (options.out === undefined) {
        process.stdout.write([...files].map(([path, text]) => `// ${path}\n${text}`).join('\n'));
        return;
      }
      const option = 'ostiary/v1/intent.proto';
      files.set(option, readFileSync(new URL(`../../intents/proto/${option}`, import.meta.url), 'utf8'));
      for (const [path, text] of files)
        try {
          const file = join(options.out, path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, text);
          printError(`${paintError('green', '✔')} ${file}`);
        } catch (error) {
          throw new CommandError(`${path} cannot be written: ${(error as Error).message}`);
        }
    });
