import { expect, test } from 'vitest';
import { Governor } from '../../src/claude/governor/governor.ts';
import { LIST } from '../../src/claude/prices.ts';
import { buildExecutor, buildVerifier } from '../../src/cli/run/parts.ts';
import { rateLimited } from '../support/claude-replies.ts';
import { useFaultServer } from '../support/claude-setup.ts';
import { makeTask } from '../support/task.ts';

const server = useFaultServer();
const { signal } = new AbortController();

test('what the API asks of whoever does the tasks holds for the judge too, where both use one model', async () => {
  const claude = { prices: LIST, governor: new Governor() };
  const executor = await buildExecutor({}, process.env, claude);
  const verifier = await buildVerifier({}, process.env, claude);
  server().next(rateLimited(3600));
  await executor.execute(makeTask(), { attempt: 1, signal });
  const verification = await verifier?.verify(makeTask(), { success: true, output: 'x' }, { signal });
  expect(verification).toMatchObject({ error: { kind: 'transient', retryAfterMs: expect.any(Number) } });
  expect(server().requests).toHaveLength(1);
});
