import type { Provenance } from '../../intents/contract.ts';
import type { Input } from '../../intents/json.ts';
import type { OpenWrite } from '../../policies/ports.ts';
import type { Asked, Decision, Principal } from '../../policies/types.ts';
import type { Trace } from '../telemetry/telemetry.ts';
import type { Admitted } from './context.ts';
import { withoutMasked } from './masked.ts';

/** What is kept of a write until its outcome is recorded: enough to send it again, to ask about it, or to show it. */
export interface OpenBody {
  /** ISO 8601. */
  readonly at: string;
  readonly door: string;
  readonly principal: Pick<Principal, 'tenant' | 'type' | 'id'>;
  readonly purpose: string | undefined;
  readonly intent: { readonly name: string; readonly major: number; readonly version: string };
  /** As it was decided on; a value of class secret is not kept. */
  readonly input: Input;
  /** The input is not whole, so that it cannot be sent again. */
  readonly partial: boolean;
  readonly provenance: Readonly<Record<string, Provenance>>;
  readonly resolution: Asked['resolution'];
  /** What of the answer its caller may see. */
  readonly seen: Pick<Decision, 'fields' | 'obligations'>;
  /** How it is found out what became of it, as the contract says. */
  readonly way: 'retry' | 'check' | 'operator';
  /** The key that the request holds. */
  readonly claim: string | undefined;
  /** Where the request stands in a trace: what is done about it later belongs there too. */
  readonly trace?: Trace;
}

/** @returns one JSON object */
export const openBody = ({ request, principal, asked, compiled, decision, claim }: Admitted): string => {
  const { name, major, version, idempotent, check } = compiled.intent;
  const input = withoutMasked(asked.input, compiled.secret);
  const partial = compiled.secret.length > 0 && JSON.stringify(input) !== JSON.stringify(asked.input);
  const body: OpenBody = {
    at: request.now.toISOString(),
    door: request.door,
    principal: { tenant: principal.tenant, type: principal.type, id: principal.id },
    purpose: asked.purpose?.name,
    intent: { name, major, version },
    input,
    partial,
    provenance: asked.provenance,
    resolution: asked.resolution,
    seen: {
      fields: decision.fields,
      obligations: decision.obligations.filter(({ type }) => type === 'redact'),
    },
    way: idempotent && !partial ? 'retry' : check === undefined ? 'operator' : 'check',
    claim: claim?.id,
    ...(request.trace && { trace: { id: request.trace.id, headers: request.trace.headers } }),
  };
  return JSON.stringify(body);
};

export const bodyOf = ({ body }: OpenWrite): OpenBody => JSON.parse(body) as OpenBody;
