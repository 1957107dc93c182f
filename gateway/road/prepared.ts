import type { Anywhere } from './context.ts';

/** For `explain`: what expressions of the binding make of the input, where there are any, so that the call can be shown. */
export const prepared = async (context: Anywhere): Promise<Anywhere> => {
  const { compiled, asked, decision } = context;
  const prepare = compiled?.plan.prepare;
  if (prepare === undefined || asked === undefined || decision?.outcome !== 'permit') return context;
  try {
    return { ...context, prepared: { input: await prepare(asked.input) } };
  } catch (error) {
    return { ...context, prepared: { refused: (error as Error).message } };
  }
};
