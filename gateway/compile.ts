import type { Catalogue } from '../intents/catalogue.ts';
import type { Effect, Intent } from '../intents/contract.ts';
import type { Input } from '../intents/json.ts';
import { type JsonSchema, pointerSegment } from '../intents/json.ts';
import { compileMapped } from '../intents/mapping/mapped-call.ts';
import { canBeNarrowed } from '../intents/narrow.ts';
import type { Backend, CompiledCall } from '../intents/ports.ts';
import { compileOutput, type Shaped } from '../intents/shape.ts';
import { type Checked, compileInput } from '../intents/validate.ts';
import { compileBackward } from '../intents/versions/backward.ts';
import { compileForward, type Forwarded } from '../intents/versions/forward.ts';
import { type Guard, guarded, type Means } from './admission/guarded.ts';
import { classedPaths } from './classed.ts';

/** Everything a request needs to know of its intent, made once at load. */
export interface CompiledIntent {
  readonly intent: Intent;
  readonly check: (input: Input) => Checked;
  /** What turns an input of an earlier major into one of this, by that major. */
  readonly forwards: ReadonlyMap<number, (input: Input) => Forwarded>;
  /** What turns an output of this major into one of an earlier, by that; only where the contract says it. */
  readonly backwards: ReadonlyMap<number, (output: unknown) => unknown>;
  readonly shape: (value: unknown) => Shaped;
  readonly plan: CompiledCall;
  /** Whether the backend can, and may, leave out of an answer what is not wanted. */
  readonly narrow: boolean;
  readonly guard: Guard;
  /** Members of the input that never enter a record, as paths of `classed.ts`: `x-class: secret` or `personal`. */
  readonly masked: readonly (readonly string[])[];
  /** Those of them that never leave this process, not even encrypted: `x-class: secret`. */
  readonly secret: readonly (readonly string[])[];
  /** Members of the output that are never kept: `x-class: secret`. */
  readonly secretOutput: readonly (readonly string[])[];
  /** Slot pointer -> what a person calls it. */
  readonly titles: Readonly<Record<string, string>>;
}

export type CompiledCatalogue = ReadonlyMap<string, CompiledIntent>;

export interface CompileFault {
  readonly intent: Intent;
  readonly message: string;
}

/** Compiles every intent against its backend. A binding that cannot work is a fault here, never on a request. */
export const compileCatalogue = (
  catalogue: Catalogue,
  backends: ReadonlyMap<string, { backend: Backend; guard: Guard }>,
  means: Means,
): { compiled: CompiledCatalogue; faults: CompileFault[] } => {
  const compiled = new Map<string, CompiledIntent>();
  const faults: CompileFault[] = [];
  for (const intent of catalogue.intents) {
    const found = backends.get(intent.call.backend);
    if (found === undefined) {
      faults.push({ intent, message: `There is no backend "${intent.call.backend}".` });
      continue;
    }
    try {
      const { resolveRef } = catalogue.library;
      const plan = compileMapped(guarded(found.backend, intent, found.guard, means), intent.call);
      compiled.set(intent.id, {
        intent,
        check: compileInput(intent, catalogue.library),
        forwards: new Map(intent.from?.map((one) => [one.major, compileForward(one, intent, catalogue.library)])),
        backwards: new Map(
          intent.from?.flatMap((one) => {
            const backward = compileBackward(one, catalogue.library);
            return backward === undefined ? [] : [[one.major, backward] as const];
          }),
        ),
        shape: compileOutput(intent, catalogue.library),
        plan,
        narrow: plan.narrows === true && canBeNarrowed(intent, catalogue.library),
        guard: found.guard,
        masked: classedPaths(intent.input, ['secret', 'personal'], resolveRef),
        // A list with a secret in it stays here as a whole.
        secret: classedPaths(intent.input, ['secret'], resolveRef).map(aboveItems),
        secretOutput: classedPaths(intent.output ?? {}, ['secret'], resolveRef),
        titles: titlesOf(intent.input, resolveRef),
      });
    } catch (error) {
      faults.push({ intent, message: (error as Error).message });
    }
  }
  return { compiled, faults };
};

const aboveItems = (path: readonly string[]): readonly string[] =>
  path.includes('*') ? path.slice(0, path.indexOf('*')) : path;

const titlesOf = (schema: JsonSchema, resolveRef: (schema: JsonSchema) => JsonSchema): Record<string, string> =>
  Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [
      `/${pointerSegment(name)}`,
      resolveRef(property).title ?? name.replaceAll(/[_-]+/g, ' '),
    ]),
  );

/** Whether an effect changes the world: then it is recorded ahead and never repeated. */
export const changes = (effect: Effect): boolean => effect !== 'read';
