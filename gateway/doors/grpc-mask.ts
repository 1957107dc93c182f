import { didYouMean } from '../../intents/did-you-mean.ts';
import { toPointer } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { ProtoMessage } from '../../intents/project/proto-model.ts';

const mostPaths = 100;

/**
 * What of the answer is wanted, as a field mask has it: `id,items.sku`, in the names of the proto; what is in a list or a
 * map is reached into. Source: google.protobuf.FieldMask.
 * @returns JSON pointers into the output; undefined where all of it is wanted
 * @throws OstiaryError on a path that the message does not have
 */
export const readMask = (written: string | undefined, response: ProtoMessage): readonly string[] | undefined => {
  const paths = (written ?? '').split(',').flatMap((path) => (path.trim() === '' ? [] : [path.trim()]));
  if (paths.length === 0 || paths.includes('*')) return undefined;
  if (paths.length > mostPaths) throw invalid(`"fields" names at most ${mostPaths} paths.`);
  const pointers = paths.map((path) => toPointer(membersOf(path, response)));
  return pointers.includes('') ? undefined : pointers;
};

const membersOf = (path: string, response: ProtoMessage): string[] => {
  const members: string[] = [];
  let here: ProtoMessage | undefined = response;
  for (const name of path.split('.')) {
    // Below what has no fields of its own, any name may be.
    if (here === undefined) {
      members.push(name);
      continue;
    }
    const field: ProtoMessage['fields'][number] | undefined = here.fields.find((one) => one.name === name);
    if (field === undefined) {
      const known = here.fields.map((one) => one.name);
      throw invalid(
        `"fields": ${here.name} has no "${name.slice(0, 100)}", in "${path.slice(0, 200)}".${didYouMean(name, known)}`,
      );
    }
    // Neither the field around an output that is no object nor a branch has a place in the output.
    if (!here.wraps && !here.oneof) members.push(field.property);
    here = field.type.kind === 'message' && field.shape !== 'map' ? field.type.of : undefined;
  }
  return members;
};

const invalid = (message: string): OstiaryError =>
  new OstiaryError('request.invalid', message, { errors: [{ pointer: '', detail: message }] });
