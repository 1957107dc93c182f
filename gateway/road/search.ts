import type { Directory } from '../authzen-directory.ts';
import type { Gate } from '../gate.ts';
import { type Asking, evaluate, type Question } from './evaluate.ts';

export type Sought = 'subject' | 'resource' | 'action';
export type Found = { readonly type: string; readonly id: string } | { readonly name: string };

/**
 * Who may do this, with what may it be done, what may be done: each that the directory knows is decided on by itself,
 * and those that are permitted are found. One entry of the audit log says what was asked and how many there were.
 */
export const search = async (
  what: Sought,
  question: Question,
  asking: Asking,
  gate: Gate,
): Promise<readonly Found[]> => {
  const { directory, asker, credential, request } = asking;
  const { subject, action, resource } = question;
  const candidates = candidatesOf(what, question, directory);
  const found: Found[] = [];
  for (const candidate of candidates) {
    request.signal.throwIfAborted();
    const { reason } = await evaluate(candidate.question, asking, gate, 'passing');
    if (reason === 'permitted') found.push(candidate.found);
  }
  const entry = {
    kind: 'outcome',
    request: request.id,
    at: new Date().toISOString(),
    door: 'authzen',
    asked: `search ${what}`,
    evaluation: { asker: { type: asker.type, id: asker.id, credential } },
    search: { subject: named(subject), action: action.name || undefined, resource: named(resource) },
    outcome: 'completed',
    considered: candidates.length,
    found: found.length,
  };
  gate.store.audit
    .append(JSON.stringify(entry), 'some')
    .catch((error: unknown) =>
      gate.log('error', 'a search could not be recorded', { request: request.id, cause: String(error) }),
    );
  return found;
};

/** A question for each that is known. What is said of nobody, or nothing, in particular is said of none. */
const candidatesOf = (
  what: Sought,
  question: Question,
  directory: Directory,
): { readonly question: Question; readonly found: Found }[] => {
  const { subject, action, resource } = question;
  switch (what) {
    case 'subject':
      return directory.subjectsOf(subject.type).map(({ type, id }) => ({
        question: { ...question, subject: { type, id, properties: {} } },
        found: { type, id },
      }));
    case 'resource':
      return directory.resourcesOf(resource.type).map(({ id }) => ({
        question: { ...question, resource: { type: resource.type, id, properties: {} } },
        found: { type: resource.type, id },
      }));
    case 'action':
      return directory.actsOn(resource.type).map(({ name }) => ({
        question: { ...question, action: { ...action, name } },
        found: { name },
      }));
  }
};

const named = ({ type, id }: { readonly type: string; readonly id: string }) => ({ type, id: id || undefined });
