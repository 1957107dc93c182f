import { paint } from './terminal.ts';

type Body = Record<string, unknown>;
interface Step {
  readonly step: string;
  readonly ms: number;
  readonly note: string;
}

const signs: Readonly<Record<string, readonly [string, Parameters<typeof paint>[0]]>> = {
  completed: ['✔', 'green'],
  explained: ['·', 'cyan'],
  declined: ['·', 'yellow'],
  clarify: ['?', 'yellow'],
  confirm: ['?', 'yellow'],
  out_of_scope: ['∅', 'yellow'],
};

/** The road as lines: each step, its time, what it found; the last one bears the sign of the outcome. */
export const drawRoad = (text: string, body: Body): string[] => {
  const road = (body.road ?? []) as readonly Step[];
  if (road.length === 0) return [];
  const width = Math.max(...road.map(({ step }) => step.length));
  const [sign, colour] = signs[String(body.outcome)] ?? ['✘', 'red'];
  return [
    paint('dim', `  "${text}"`),
    ...road.map(({ step, ms, note }, index) => {
      const last = index === road.length - 1;
      const mark = last ? paint(colour, sign) : paint('green', '│');
      return `  ${mark} ${paint('bold', step.padEnd(width))}  ${paint('dim', `${ms.toFixed(2).padStart(7)} ms`)}  ${note}`;
    }),
    '',
  ];
};

interface Standing {
  readonly effect: string;
  readonly band: string;
  readonly causes: readonly { readonly at: string; readonly why: string; readonly request: string }[];
}

/** What was seen of the caller, where it is more than nothing. */
const standing = (seen: Standing | undefined): string[] =>
  seen === undefined || (seen.band === 'new' && seen.causes.length === 0)
    ? []
    : [
        `  seen as ${seen.band} for ${seen.effect}`,
        ...seen.causes.slice(-3).map(({ at, why, request }) => paint('dim', `    ${at} ${why} (${request})`)),
      ];

/** The answer in words, whatever the outcome. */
export const drawAnswer = (body: Body): string[] => {
  switch (body.outcome) {
    case 'completed':
      return [`  ${paint('green', 'Done.')} ${understood(body)}`, ...values(body), ...indented(body.output)];
    case 'explained': {
      const decision = body.decision as { outcome: string; reason: string; obligations: readonly { type: string }[] };
      const call = body.would_call as
        | { backend: string; operation?: string; refused?: string; payload?: unknown }
        | undefined;
      const obligations = decision.obligations.map(({ type }) => type).join(', ');
      return [
        `  ${paint(decision.outcome === 'permit' ? 'green' : 'red', decision.outcome)}: ${decision.reason}${obligations === '' ? '' : ` Obligations: ${obligations}.`}`,
        ...standing(body.reputation as Standing | undefined),
        ...values(body),
        ...(call === undefined
          ? []
          : [
              `  would call ${call.backend}: ${call.operation ?? call.refused}`,
              ...(call.payload == null ? [] : indented(call.payload)),
            ]),
      ];
    }
    case 'clarify': {
      const fields = (body.fields ?? []) as readonly { pointer: string; detail: string }[];
      const candidates = (body.candidates ?? []) as readonly { intent: string; title: string; example?: string }[];
      return [
        `  ${paint('yellow', String(body.message))}`,
        ...fields.map(({ pointer, detail }) => `    ${pointer.slice(1)} ${detail}`),
        ...candidates.map(
          ({ title, intent, example }) => `    ${title} (${intent})${example === undefined ? '' : `: "${example}"`}`,
        ),
      ];
    }
    case 'confirm':
      return [
        paint('yellow', '  This needs a yes first.'),
        ...String(body.message)
          .split('\n')
          .map((line) => `  ${line}`),
      ];
    case 'out_of_scope': {
      const suggestions = (body.can_ask ?? []) as readonly { title: string; example?: string }[];
      return [
        `  ${paint('yellow', String(body.message))} You can ask, for example:`,
        ...suggestions.map(({ title, example }) => `    ${example ?? title}`),
      ];
    }
    case 'declined':
      return [`  ${String(body.message)}`];
    default:
      return [
        `  ${paint('red', String(body.title ?? body.outcome))}: ${String(body.detail ?? '')} (${String(body.code ?? '')})`,
      ];
  }
};

const understood = (body: Body): string =>
  body.intent === undefined ? '' : paint('dim', `${String(body.intent)}@${String(body.version)}`);

const values = (body: Body): string[] => {
  const provenance = (body.provenance ?? {}) as Readonly<Record<string, string>>;
  return Object.entries((body.input ?? {}) as Body).map(
    ([name, value]) =>
      `    ${name} = ${JSON.stringify(value)} ${paint('dim', `(${provenance[`/${name}`] ?? 'input'})`)}`,
  );
};

const indented = (value: unknown): string[] =>
  (JSON.stringify(value, null, 2) ?? 'null').split('\n').map((line) => `  ${line}`);
