import type { Anywhere, Outcome } from './context.ts';

/** One line on what a step found, safe to show to the caller. */
export const note = (step: string, context: Anywhere, outcome: Outcome | undefined): string => {
  if (outcome !== undefined && 'error' in outcome) return outcome.error.message;
  switch (step) {
    case 'authenticate':
      return `${context.principal?.type} ${context.principal?.id}, purpose ${context.purpose?.name ?? 'none'}`;
    case 'idempotency':
      return outcome === undefined ? 'the first with its key' : 'its key was used: the first answer again';
    case 'resolve': {
      if (outcome?.kind === 'out_of_scope') return 'nothing that can be asked here';
      if (outcome !== undefined) return 'not sure enough';
      const { tier, confidence } = context.resolution ?? {};
      return `${context.compiled?.intent.name}@${context.compiled?.intent.version} by ${tier}, confidence ${confidence?.toFixed(2)}`;
    }
    case 'entities':
      return outcome === undefined ? 'what the words describe was looked up' : 'what the words describe is not clear';
    case 'validate':
      return outcome === undefined ? fits(Object.keys(context.input ?? {}).length) : 'something is missing or wrong';
    case 'authorize':
      return context.decision?.reason.user ?? '';
    case 'confirm':
      if (outcome?.kind === 'confirm')
        return outcome.pending.by === 'other-human'
          ? 'the yes of another person is needed first'
          : 'a yes is needed first';
      if (outcome?.kind === 'declined') return 'the answer was no';
      return context.pending === undefined ? 'nothing to confirm' : 'confirmed';
    case 'admit':
      return `room at "${context.compiled?.intent.call.backend}"`;
    case 'record':
      return context.compiled?.intent.effect === 'read' ? 'with its outcome' : 'on disk, ahead of the call';
    case 'call':
      return `"${context.compiled?.intent.call.backend}" answered`;
    case 'shape':
      return 'as the contract lists it and the policy shows it';
    default:
      return '';
  }
};

const fits = (count: number): string =>
  count === 1 ? '1 value fits the contract' : `${count} values fit the contract`;
