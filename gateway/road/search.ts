import type { Gate } from '../gate.ts';
import { type Asking, evaluate, type Question } from './evaluate.ts';

export type Searched =
  | { readonly what: 'subject'; readonly results: readonly { readonly type: string; readonly id: string }[] }
  | { readonly what: 'resource'; readonly results: readonly { readonly type: string; readonly id: string }[] }
  | { readonly what: 'action'; readonly results: readonly { readonly name: string }[] };

/**
 * Who may do this, with what may it be done, what may be done: each that the directory knows is decided on by itself,
 * and those that are permitted are found. One entry of the audit log says what was asked and how many there were.
 */
export const search = async (
  what: Searched['what'],
  question: Question,
  asking: Asking,
  gate: Gate,
): Promise<Searched['results']> => {
  const { directory, asker, credential, request } = asking;
  const { subject, action, resource } = question;
  const [one, results] = ((): [
    (index: number) => Question,
    readonly { type?: string; id?: string; name?: string }[],
  ] => {
    switch (what) {
      case 'subject': {
        const found = directory.subjectsOf(subject.type);
        // What is said of no subject in particular is said of none.
        return [
          (index) => ({ ...question, subject: { ...subject, id: found[index]?.id ?? '', properties: {} } }),
          found.map(({ type, id }) => ({ type, id })),
        ];
      }
      case 'resource': {
        const found = directory.resourcesOf(resource.type);
        return [
          (index) => ({ ...question, resource: { ...resource, id: found[index]?.id ?? '', properties: {} } }),
          found.map(({ id }) => ({ type: resource.type, id })),
        ];
      }
      case 'action': {
        const found = directory.actsOn(resource.type);
        return [
          (index) => ({ ...question, action: { ...action, name: found[index]?.name ?? '' } }),
          found.map(({ name }) => ({ name })),
        ];
      }
    }
  })();
  const found = [];
  for (const [index, result] of results.entries()) {
    request.signal.throwIfAborted();
    const { reason } = await evaluate(one(index), asking, gate, 'passing');
    if (reason === 'permitted') found.push(result);
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
    considered: results.length,
    found: found.length,
  };
  gate.store.audit
    .append(JSON.stringify(entry), 'some')
    .catch((error: unknown) =>
      gate.log('error', 'a search could not be recorded', { request: request.id, cause: String(error) }),
    );
  return found as Searched['results'];
};

const named = ({ type, id }: { readonly type: string; readonly id: string }) => ({ type, id: id || undefined });
