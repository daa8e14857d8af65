import { expect, test, vi } from 'vitest';
import { connector } from '../../src/claude/transport.ts';

const made = vi.hoisted(() => [] as unknown[]);
vi.mock('undici', () => {
  class Dispatcher {
    constructor(options: unknown) {
      made.push(options);
    }
  }
  return { Agent: Dispatcher, EnvHttpProxyAgent: Dispatcher };
});

// Node's own limit of 300 s is longer than a test may wait; that there is none is seen in what the connection is told.
test.each([
  ['for ever between two bytes', 0],
  ['a minute between two bytes', 60_000],
])('an answer is waited for: for ever until it begins, and %s', async (_, idleMs) => {
  await connector({}, [], idleMs);
  expect(made.at(-1)).toEqual({ headersTimeout: 0, bodyTimeout: idleMs });
  await connector({ NODE_USE_ENV_PROXY: '1' }, [], idleMs);
  expect(made.at(-1)).toEqual({ headersTimeout: 0, bodyTimeout: idleMs });
});
