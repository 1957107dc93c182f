import { Command } from 'commander';
import { generateProtoCommand } from './generate-proto.ts';

/** `ostiary generate proto` */
export const generateCommand = (): Command => {
  const generate = new Command('generate')
    .summary('write what others build on, made of the contracts')
    .description(
      'Writes a projection of the intents of a set-up. Nothing of it is kept by hand: the same contracts give the same files.',
    );
  for (const command of [generateProtoCommand()]) generate.addCommand(command);
  return generate;
};
