import type { Backend } from '../../intents/ports.ts';
import { unsendable } from './failure.ts';
import { type HttpOptions, httpClient } from './http-client.ts';
import { compileAnswer } from './rest-answer.ts';
import { compileBody } from './rest-body.ts';
import { compilePages } from './rest-pages.ts';
import { compileRequest } from './rest-request.ts';
import { compileResult } from './template.ts';

/**
 * A backend over HTTP that answers in JSON, in text or in bytes, as the binding says. The host is the configured one,
 * whatever the input; redirects are failures.
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
      const encodeBody = compileBody(binding);
      const { accept, read } = compileAnswer(binding);
      if (accept !== undefined && Object.keys(options.headers).some((header) => header.toLowerCase() === 'accept'))
        throw new Error(`The header "accept" is set by the configuration of backend "${name}".`);
      const pick = compileResult(binding.result);
      const pages = binding.pages && compilePages(binding.pages, binding.result, options);
      if (pages !== undefined && (method !== 'GET' || (binding.answerAs ?? 'json') !== 'json'))
        throw new Error('"pages" are for a GET that is answered in JSON.');
      return {
        preview: (input) => {
          const { path, body } = toRequest(input);
          return { operation: `${method} ${url.origin}${path}`, payload: body ?? null };
        },
        call: async (input, context) => {
          let request: ReturnType<typeof toRequest>;
          let body: ReturnType<typeof encodeBody> | undefined;
          try {
            request = toRequest(input);
            body = request.body === undefined ? undefined : encodeBody(request.body, input);
          } catch (error) {
            return unsendable(error);
          }
          const { path, headers } = request;
          const send = (to: string) =>
            client.send({ method, path: to, headers, body: body?.bytes, type: body?.type, accept }, context);
          if (pages !== undefined)
            return pages(path, { send, read: (page) => read(page, client.logText) }, context).catch(unsendable);
          const answer = await send(path);
          if (!answer.ok) return answer;
          const reply = read(answer, client.logText);
          return reply.ok ? { ok: true, value: pick(reply.value) } : reply;
        },
      };
    },
    close: () => client.close(),
  };
};
