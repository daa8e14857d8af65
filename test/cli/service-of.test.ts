import { expect, test } from 'vitest';
import { serviceOf } from '../../src/cli/run/service-of.ts';

const env = { ANTHROPIC_API_KEY: 'sk-ant-test-0000', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' };

test('the same API and credentials have the same word, which tells nothing of them', () => {
  expect(serviceOf({ ...env })).toBe(serviceOf({ ...env, ANTHROPIC_API_KEY: ` ${env.ANTHROPIC_API_KEY} ` }));
  expect(serviceOf(env)).toMatch(/^[0-9a-f]{12}$/);
});

test.each([
  { ANTHROPIC_API_KEY: 'sk-ant-test-0001' },
  { ANTHROPIC_BASE_URL: 'http://127.0.0.1:2' },
  { ANTHROPIC_CUSTOM_HEADERS: 'X-Team: a' },
  { ANTHROPIC_API_KEY: undefined, ANTHROPIC_AUTH_TOKEN: env.ANTHROPIC_API_KEY },
])('another word has who differs in %j', (other) => {
  expect(serviceOf({ ...env, ...other })).not.toBe(serviceOf(env));
});
