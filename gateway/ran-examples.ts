import type { Catalogue } from '../intents/catalogue.ts';
import type { Intent } from '../intents/contract.ts';
import type { Finding } from '../intents/findings.ts';
import type { Input } from '../intents/json.ts';
import { contractMark, type Ran, ranDocument } from '../intents/project/ran.ts';
import { zodFindings } from '../intents/source.ts';
import type { Principal } from '../policies/types.ts';
import { visiblePart } from '../policies/visible.ts';
import type { LoadedConfig } from './config.ts';
import { readFiles } from './files.ts';
import type { Gate } from './gate.ts';
import { purposeOf } from './road/authenticate.ts';
import { allFrom } from './road/understood.ts';

/**
 * The calls that ran, from the file that `examples` names. One of a contract that has changed since is passed over with a
 * warning; one that does not fit its contract is an error, for then nobody ran it.
 */
export const loadRan = async (
  { config, source, folder }: LoadedConfig,
  { intents, library }: Catalogue,
): Promise<{ ran: readonly Ran[]; findings: readonly Finding[] }> => {
  if (config.examples === undefined) return { ran: [], findings: [] };
  const { sources, findings } = await readFiles(folder, [config.examples]);
  const [file] = sources;
  // It may be about to be made.
  if (file === undefined)
    return {
      ran: [],
      findings: findings.map((one) => ({ ...one, severity: 'warning', file: source.file, ...source.at(['examples']) })),
    };
  const read = ranDocument.safeParse(file.value);
  if (!read.success)
    return { ran: [], findings: [...findings, ...zodFindings(read.error, file, 'examples', () => [])] };
  const ran: Ran[] = [];
  const found: Finding[] = [...findings];
  for (const [index, one] of (read.data.ran as readonly Ran[]).entries()) {
    const intent = intents.find(({ id }) => id === one.intent);
    const tell = (severity: Finding['severity'], message: string) =>
      found.push({ severity, file: file.file, ...file.at(['ran', index]), code: 'examples.ran', message });
    if (intent === undefined || contractMark(intent) !== one.contract)
      tell(
        'warning',
        `${one.intent} is another contract than the one that ran. "ostiary generate examples" runs it anew.`,
      );
    else if (!fits(intent, one, library)) tell('error', `This cannot have run: it does not fit ${one.intent}.`);
    else ran.push(one);
  }
  return { ran, findings: found };
};

const fits = (intent: Intent, { input, output }: Ran, { validator }: Catalogue['library']): boolean =>
  validator(intent.input)(input) && (intent.output === undefined || validator(intent.output)(output));

/** The examples that somebody may see: of calls that they might make themselves, as far as they would see the answer. */
export const ranFor = (
  principal: Principal,
  { ran = [], catalogue, bundle, compiled, reputation }: Gate,
  now: Date,
): readonly Ran[] =>
  ran.flatMap((one): Ran[] => {
    const intent = catalogue.intents.find(({ id }) => id === one.intent);
    const check = intent && compiled.get(intent.id)?.check;
    if (intent === undefined || check === undefined || bundle.visibility(principal, intent) !== 'callable') return [];
    const input = check(one.input as Input).input;
    const decision = bundle.decide({
      principal,
      intent,
      input,
      purpose: purposeOf(undefined, principal, bundle.purposes),
      provenance: allFrom(input, 'input'),
      resolution: { tier: 'direct', confidence: 1, margin: 1 },
      context: { now, ip: undefined, door: 'http' },
      band: reputation.bandOf(principal, intent.effect, now.getTime()),
    });
    return decision.outcome === 'permit' ? [{ ...one, output: visiblePart(one.output, decision) }] : [];
  });
