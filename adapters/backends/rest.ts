import type { Backend } from '../../intents/ports.ts';
import { unsendable } from './failure.ts';
import { toReply } from './http-answer.ts';
import { type HttpOptions, httpClient } from './http-client.ts';
import { compileRequest } from './rest-request.ts';
import { compileResult } from './template.ts';

/**
 * A backend that speaks JSON over HTTP. The host is the configured one, whatever the input; redirects are failures.
 * @throws Error on options that cannot work
 */
export const restBackend = (options: HttpOptions): Backend => {
  const { name, url } = options;
  if (url.search !== '' || url.hash !== '')
    throw new Error(`The url of backend "${name}" must end with its path; write a query under "query" of the binding.`);
  const client = httpClient(options);
  return {
    compile(binding) {
      if (binding.kind !== 'rest')
        throw new Error(`Backend "${name}" speaks REST; the binding must have "rest", not "${binding.kind}".`);
      const { method } = binding;
      const toRequest = compileRequest(binding, options);
      const pick = compileResult(binding.result);
      return {
        preview: (input) => {
          const { path, body } = toRequest(input);
          return { operation: `${method} ${url.origin}${path}`, payload: body ?? null };
        },
        call: async (input, context) => {
          let request: ReturnType<typeof toRequest>;
          try {
            request = toRequest(input);
          } catch (error) {
            return unsendable(error);
          }
          const body = request.body === undefined ? undefined : JSON.stringify(request.body);
          const answer = await client.send({ method, path: request.path, headers: request.headers, body }, context);
          if (!answer.ok) return answer;
          const reply = toReply(answer, client.logText);
          return reply.ok ? { ok: true, value: pick(reply.value) } : reply;
        },
      };
    },
    close: () => client.close(),
  };
};
