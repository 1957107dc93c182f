import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemathesis, throwAt } from './schemathesis/run.ts';
import { startWorld, type World } from './world.ts';

// Without Python or a package index this fails, and says what it needs: an audit that did not run is no pass.

/** OSTIARY_SCHEMATHESIS=100 for the long mode: so many requests of each kind to each operation. */
const examples = process.env.OSTIARY_SCHEMATHESIS ?? '5';
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
];

let world: World;
beforeAll(async () => {
  await schemathesis();
  world = await startWorld();
}, 500_000);
afterAll(() => world?.stop());

test.each([
  { key: 'demo-support', more: ['response_schema_conformance'] },
  // What a policy masks for an auditor is text with *** in it, which a schema may not foresee; the document says so.
  { key: 'demo-auditor', more: [] },
])(
  'what schemathesis sends for $key ends as the OpenAPI document says, and what is wrong is refused',
  async ({ key, more }) => {
    const { failures, cases, text } = await throwAt(world.url, key, [
      ...[
        '--checks',
        [...checks, ...more].join(','),
        '--phases',
        'examples,coverage,fuzzing',
        '--max-examples',
        examples,
      ],
      ...['--seed', '1', '--no-shrink', '--continue-on-failure', '--warnings', 'off', '--suppress-health-check', 'all'],
    ]);
    expect(failures, text.slice(0, 20_000)).toEqual([]);
    expect(cases).toBeGreaterThan(300);
  },
  420_000,
);
