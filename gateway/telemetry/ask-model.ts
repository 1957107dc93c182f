import type { Endpoint } from '../../adapters/models/endpoint.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Makes a span of every try at a language model, and measures it. Nothing that was asked or answered is in it, nor the
 * key that it was asked with. Source: the semantic conventions for generative AI clients.
 */
export const observeModel = (
  endpoint: Endpoint,
  { model, baseURL, maxTokens }: { readonly model: string; readonly baseURL: string; readonly maxTokens: number },
  { spans, meters }: Telemetry,
): Endpoint => {
  if (spans === undefined && meters === undefined) return endpoint;
  const url = new URL(baseURL);
  const about = {
    'gen_ai.operation.name': 'chat',
    // The protocol that it speaks: who runs it, an address does not say.
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
    'server.address': url.hostname.replace(/^\[|\]$/g, ''),
    'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
  };
  return {
    ...endpoint,
    async ask(question, signal, deadline) {
      const started = performance.now();
      const trace = spans?.begin(
        `chat ${model}`,
        'client',
        { ...about, 'gen_ai.request.max_tokens': maxTokens, 'gen_ai.output.type': 'json' },
        spans.current(),
      );
      const asked = await endpoint.ask(question, signal, deadline);
      const { answer } = asked;
      const { usage } = answer;
      // The phrases of an endpoint are few and fixed.
      const error = answer.ok ? undefined : answer.detail.replaceAll(' ', '_');
      if (trace !== undefined)
        spans?.end(trace, {
          attributes:
            usage === undefined
              ? {}
              : { 'gen_ai.usage.input_tokens': usage.input, 'gen_ai.usage.output_tokens': usage.output },
          error,
        });
      meters?.took('gen_ai.client.operation.duration', performance.now() - started, {
        ...about,
        ...(error && { 'error.type': error }),
      });
      if (usage !== undefined) meters?.tokens(usage.input, usage.output, about);
      return asked;
    },
  };
};
