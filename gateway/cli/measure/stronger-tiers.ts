import type { Encoder, Model } from '../../../intents/ports.ts';
import { CommandError, exit } from '../terminal.ts';
import type { RunOptions } from './run.ts';

export interface StrongerTiers {
  readonly ports: { readonly encoder?: Encoder; readonly model?: Model; readonly tenant?: string };
  close(): Promise<void>;
}

/**
 * Opens what the tiers beyond the built-in one stand on.
 * @throws CommandError where a tier was asked for and nothing says what it is to be
 */
export const strongerTiers = async ({
  tiers,
  encoderFolder,
  dir,
}: Pick<RunOptions, 'tiers' | 'encoderFolder' | 'dir'>): Promise<StrongerTiers> => {
  const wants = { encoder: tiers.includes('encoder'), model: tiers.includes('model') };
  if (!wants.encoder && !wants.model) return { ports: {}, async close() {} };
  const [{ openEncoder, openModel }, { loadConfig }] = await Promise.all([
    import('../../wire.ts'),
    import('../../config.ts'),
  ]);
  const { loaded } = loadConfig(dir, process.env);
  const model = wants.model && loaded !== undefined ? openModel(loaded.config).model : undefined;
  if (wants.model && model === undefined)
    throw new CommandError(
      `The model tier needs a model: name one under "models:" in ${dir}/ostiary.yaml.`,
      exit.usage,
    );
  let opened: Encoder | undefined;
  try {
    opened = wants.encoder ? await openEncoder(loaded, encoderFolder) : undefined;
  } catch (error) {
    throw new CommandError(`The encoder cannot be had: ${(error as Error).message}`, exit.usage);
  }
  if (wants.encoder && opened === undefined)
    throw new CommandError('The encoder tier needs an encoder: name its folder with --encoder.', exit.usage);
  return {
    ports: {
      ...(opened && { encoder: opened }),
      ...(model && { model }),
      ...(loaded && { tenant: loaded.config.tenant }),
    },
    async close() {
      await opened?.close();
    },
  };
};
