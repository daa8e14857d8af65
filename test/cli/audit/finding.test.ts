import { expect, test } from 'vitest';
import { AuditBudget } from '../../../src/cli/audit/audit-budget.ts';
import { auditTask } from '../../../src/cli/audit/finding.ts';
import type { Verification } from '../../../src/model/result.ts';
import type { Verifier } from '../../../src/ports/verifier.ts';
import { makeTask } from '../../support/task.ts';

const task = { ...makeTask({ id: 'a', status: 'completed' }), result: 'x' };
const passed: Verification = { passed: true, confidence: 1, feedback: '', issues: [] };
const outage: Verification = { error: { kind: 'transient', message: 'overloaded', retryAfterMs: 500 } };

/** @param answers one after the other; the last one again and again. */
async function audited(answers: Verification[], signal = new AbortController().signal) {
  const waits: number[] = [];
  let asked = 0;
  const verifier: Verifier = {
    verify: async () => answers[Math.min(asked++, answers.length - 1)]!,
  };
  const runtime = { random: () => 1, sleep: async (ms: number) => void waits.push(ms) };
  const { audited } = await auditTask(task, verifier, 0, { signal }, runtime);
  return { audited, asked, waits };
}

test('a failure that may pass is waited for', async () => {
  expect(await audited([outage, outage, passed])).toMatchObject({
    audited: { finding: 'holds' },
    asked: 3,
    waits: [1_500, 2_500],
  });
});

test('three times, and then it could not be told', async () => {
  expect(await audited([outage])).toMatchObject({
    audited: { finding: 'unclear', reason: 'overloaded' },
    asked: 4,
    waits: [1_500, 2_500, 4_500],
  });
});

test.each<[string, Verification]>([
  ['that lasts', { error: { kind: 'permanent', message: 'no' } }],
  ['of the whole run', { error: { kind: 'fatal', message: 'no' } }],
  ['to tell', { inconclusive: true, reason: 'no' }],
])('a failure %s is not', async (_, answer) => {
  expect(await audited([answer, passed])).toMatchObject({ audited: { finding: 'unclear' }, asked: 1 });
});

test('nothing is asked again when the audit ends', async () => {
  expect((await audited([outage], AbortSignal.abort())).asked).toBe(1);
});

test('what was refused for want of money is not asked for again', async () => {
  let asked = 0;
  const verifier: Verifier = {
    verify: async (_task, _execution, { budget, signal }) => {
      asked++;
      const answer = await budget?.reserve(2, signal);
      return { error: { kind: 'transient', message: answer?.refused ?? 'granted' } };
    },
  };
  const context = { signal: new AbortController().signal, budget: new AuditBudget(1) };
  const runtime = { random: () => 1, sleep: async () => undefined };
  const { audited } = await auditTask(task, verifier, 0, context, runtime);
  expect([audited.finding, asked]).toEqual(['unclear', 1]);
});
