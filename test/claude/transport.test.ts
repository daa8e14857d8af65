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
  ['for ever for one in one piece', 0],
  ['so long between two bytes for one that is streamed', 60_000],
])('an answer is waited for: for ever until it begins, and %s', async (_, idleMs) => {
  await connector({}, [], idleMs);
  expect(made.at(-1)).toEqual({ headersTimeout: 0, bodyTimeout: idleMs });
  await connector({ NODE_USE_ENV_PROXY: '1' }, [], idleMs);
  expect(made.at(-1)).toEqual({ headersTimeout: 0, bodyTimeout: idleMs });
});
