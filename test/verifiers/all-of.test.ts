import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verification } from '../../src/model/result.ts';
import { created } from '../../src/model/transitions.ts';
import type { Verifier } from '../../src/ports/verifier.ts';
import { allOf } from '../../src/verifiers/all-of.ts';

const task = created({ description: 'do it' }, 'task-001', '2026-01-01T00:00:00.000Z');
const execution = { success: true, output: 'result' } as const;
const context = { signal: new AbortController().signal };

const pass = (confidence = 1, feedback = ''): Verification => ({
  passed: true,
  confidence,
  feedback,
  issues: [],
});
const reject: Verification = { passed: false, confidence: 0.8, feedback: 'no', issues: ['no'] };

/** Answers as told, and notes that it was asked. */
function verifier(answer: Verification, asked: Verification[] = [], applies?: boolean): Verifier {
  const verify = async () => {
    asked.push(answer);
    return answer;
  };
  return applies === undefined ? { verify } : { verify, applies: () => applies };
}

test('when all pass, the confidence is the smallest and what they said is joined', async () => {
  const all = allOf(verifier(pass(0.9, 'good')), verifier(pass(0.7)), verifier(pass(1, 'fine')));
  expect(await all.verify(task, execution, context)).toMatchObject(pass(0.7, 'good\nfine'));
});

test('it is by checks when all are', async () => {
  const check: Verification = { ...pass(), isCheck: true };
  const verify = (...answers: Verification[]) =>
    allOf(...answers.map((answer) => verifier(answer))).verify(task, execution, context);
  expect(await verify(check, check)).toHaveProperty('isCheck', true);
  expect(await verify(check, pass())).not.toHaveProperty('isCheck');
  expect(await verify(check, { inconclusive: true, reason: 'late', silentMs: 5 })).toStrictEqual({
    inconclusive: true,
    reason: 'late',
    silentMs: 5,
    evidence: [{ verifier: 'verifier', ...pass() }],
  });
  expect(await verify(check, { ...check, passed: false })).toHaveProperty('isCheck', true);
});

test('what each says of itself is put together', async () => {
  const judge = { ...pass(), metadata: { model: 'm', prompt: 'p' } };
  const all = allOf(verifier(pass()), verifier(judge), verifier({ ...pass(), metadata: { schema: 's' } }));
  expect(await all.verify(task, execution, context)).toMatchObject({
    metadata: { model: 'm', prompt: 'p', schema: 's' },
  });
});

test.each<[string, Verification]>([
  ['a rejection', reject],
  ['one that could not tell', { inconclusive: true, reason: 'broken' }],
  ['a failure', { error: { kind: 'transient', message: 'busy' } }],
])('%s is the answer, and later ones are not asked', async (_, answer) => {
  const asked: Verification[] = [];
  const all = allOf(verifier(pass(), asked), verifier(answer, asked), verifier(pass(), asked));
  expect(await all.verify(task, execution, context)).toMatchObject(answer);
  expect(asked).toHaveLength(2);
});

describe('evidence', () => {
  const named = (name: string, answer: Verification): Verifier => ({ name, ...verifier(answer) });
  const judged = { ...pass(0.9, 'good'), metadata: { model: 'm' } };

  test('is each verdict by the name of its verifier, in their order', async () => {
    const all = allOf(named('check', pass()), verifier(pass(0.8)), named('judge', judged));
    expect(await all.verify(task, execution, context)).toMatchObject({
      evidence: [
        { verifier: 'check', ...pass() },
        { verifier: 'verifier', ...pass(0.8) },
        { verifier: 'judge', ...judged },
      ],
    });
  });

  test('of a rejection ends with it, and has those that passed before', async () => {
    const all = allOf(named('check', pass()), named('schema', reject), named('judge', judged));
    expect(await all.verify(task, execution, context)).toMatchObject({
      passed: false,
      evidence: [
        { verifier: 'check', passed: true },
        { verifier: 'schema', ...reject },
      ],
    });
  });

  test('has those that passed before one that could not tell, also when they are not asked again', async () => {
    const all = allOf(named('check', pass()), named('judge', { inconclusive: true, reason: 'broken' }));
    const expected = { inconclusive: true, evidence: [{ verifier: 'check', ...pass() }] };
    expect(await all.verify(task, execution, context)).toEqual({ ...expected, reason: 'broken' });
    expect(await all.verify(task, execution, context)).toEqual({ ...expected, reason: 'broken' });
  });

  test('of one that asks others is what they said', async () => {
    const all = allOf(allOf(named('check', pass()), named('schema', pass())), named('judge', judged));
    const answer = await all.verify(task, execution, context);
    expect(answer.evidence?.map((each) => each.verifier)).toEqual(['check', 'schema', 'judge']);
  });

  test('is absent where nobody gave a verdict', async () => {
    const answer = await allOf(verifier({ inconclusive: true, reason: 'r' })).verify(
      task,
      execution,
      context,
    );
    expect(answer).toStrictEqual({ inconclusive: true, reason: 'r' });
  });
});

describe('usage', () => {
  const spent = (inputTokens: number) => ({ usage: { inputTokens, outputTokens: 1 } });

  test('of all that were asked is added up, in a pass and in a rejection', async () => {
    const first = verifier({ ...pass(), ...spent(10) } as Verification);
    const last = verifier({ ...reject, ...spent(5) } as Verification);
    const usage = { inputTokens: 15, outputTokens: 2 };
    expect(await allOf(first, last).verify(task, execution, context)).toMatchObject({ passed: false, usage });
    const free = verifier(reject);
    expect(await allOf(first, free).verify(task, execution, context)).toMatchObject({
      ...reject,
      ...spent(10),
    });
    expect(await allOf(first, first).verify(task, execution, context)).toMatchObject({
      passed: true,
      usage: { inputTokens: 20, outputTokens: 2 },
    });
  });

  test('is kept when a later one throws, which is "could not tell"', async () => {
    const thrower = { verify: () => Promise.reject(new Error('broken')) };
    const all = allOf(verifier({ ...pass(), ...spent(10) } as Verification), thrower);
    expect(await all.verify(task, execution, context)).toMatchObject({
      inconclusive: true,
      reason: 'broken',
      ...spent(10),
    });
  });

  test('is kept when the run is aborted in between, and the next is not asked', async () => {
    const controller = new AbortController();
    const asked: Verification[] = [];
    const first: Verifier = {
      verify: async () => {
        controller.abort();
        return { ...pass(), ...spent(10) } as Verification;
      },
    };
    const answer = await allOf(first, verifier(pass(), asked)).verify(task, execution, controller);
    expect(answer).toMatchObject({ inconclusive: true, reason: 'aborted', ...spent(10) });
    expect(asked).toEqual([]);
  });
});

describe('who passed it already', () => {
  const busy: Verification = { error: { kind: 'transient', message: 'busy' } };
  const unsure: Verification = { inconclusive: true, reason: 'broken' };

  /** Gives these answers in turn, and then the last one again and again. */
  function inTurn(asked: Verification[], ...answers: Verification[]): Verifier {
    return {
      verify: async () => {
        const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
        asked.push(answer);
        return answer;
      },
    };
  }
  const paid = (answer: Verification): Verification =>
    ({ ...answer, usage: { inputTokens: 10, outputTokens: 1 } }) as Verification;

  test.each([busy, unsure])('is not asked, nor paid, again after %j of a later one', async (answer) => {
    const asked: Verification[] = [];
    const all = allOf(inTurn(asked, paid(pass(0.7, 'good'))), inTurn([], answer, paid(pass(0.9, 'fine'))));
    expect(await all.verify(task, execution, context)).toMatchObject(paid(answer));
    expect(await all.verify(task, execution, context)).toMatchObject(paid(pass(0.7, 'good\nfine')));
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['output', task, { ...execution, output: 'another' }],
    ['task', { ...task, id: 'task-002' }, execution],
    ['check', { ...task, check: 'exit 1' }, execution],
  ])('is asked about another %s', async (_, anotherTask, another) => {
    const asked: Verification[] = [];
    const all = allOf(inTurn(asked, pass()), verifier(busy));
    await all.verify(task, execution, context);
    await all.verify(anotherTask, another, context);
    expect(asked).toHaveLength(2);
  });

  test.each<[string, Verification]>([
    ['a pass', pass()],
    ['a rejection', reject],
    ['a failure for good', { error: { kind: 'permanent', message: 'never' } }],
  ])('is asked again once %s was the answer', async (_, answer) => {
    const asked: Verification[] = [];
    const all = allOf(inTurn(asked, pass()), inTurn([], busy, answer, busy));
    for (let i = 0; i < 2; i++) await all.verify(task, execution, context);
    expect(asked).toHaveLength(1);
    await all.verify(task, execution, context);
    expect(asked).toHaveLength(2);
  });

  test('is forgotten when a thousand other tasks have come since', async () => {
    const asked: Verification[] = [];
    const all = allOf(inTurn(asked, pass()), verifier(busy));
    for (let i = 0; i <= 1000; i++) await all.verify({ ...task, id: `task-${i}` }, execution, context);
    await all.verify({ ...task, id: 'task-1' }, execution, context);
    expect(asked).toHaveLength(1001);
    await all.verify({ ...task, id: 'task-0' }, execution, context);
    expect(asked).toHaveLength(1002);
  });
});

test.each([undefined, null, 'yes', true])(
  '%s is no answer, and what was spent before is kept',
  async (odd) => {
    const usage = { inputTokens: 10, outputTokens: 1 };
    const all = allOf(verifier({ ...pass(), usage } as Verification), verifier(odd as never));
    const reason = 'the verifier gave no answer';
    expect(await all.verify(task, execution, context)).toMatchObject({ inconclusive: true, reason, usage });
  },
);

describe('who applies', () => {
  test('it applies where some of them do', () => {
    const [yes, no] = [verifier(pass(), [], true), verifier(pass(), [], false)];
    expect(allOf(no, yes).applies?.(task)).toBe(true);
    expect(allOf(no, verifier(pass())).applies?.(task)).toBe(true);
    expect(allOf(no, no).applies?.(task)).toBe(false);
  });

  test('one that does not is not asked', async () => {
    const all = allOf(verifier(reject, [], false), verifier(pass(0.9)));
    expect(await all.verify(task, execution, context)).toMatchObject({ passed: true, confidence: 0.9 });
  });

  test('where none does, nothing is passed', async () => {
    const all = allOf(verifier(pass(), [], false));
    const reason = 'no verifier applies to task task-001';
    expect(await all.verify(task, execution, context)).toEqual({ inconclusive: true, reason });
  });

  test('without verifiers it is refused', () => {
    expect(() => allOf()).toThrow('Expected allOf to get at least one verifier, got none');
  });
});

test('it passes exactly when somebody applies and all who apply pass; nobody is asked after a rejection', async () => {
  const one = fc.record({
    passed: fc.boolean(),
    applies: fc.boolean(),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 6 }), async (ones) => {
      const asked: Verification[] = [];
      const verifiers = ones.map(({ passed, applies, confidence }) =>
        verifier({ passed, confidence, feedback: '', issues: [] }, asked, applies),
      );
      const answer = await allOf(...verifiers).verify(task, execution, context);
      const applying = ones.filter((each) => each.applies);
      const firstBad = applying.findIndex((each) => !each.passed);
      const passes = applying.length > 0 && firstBad === -1;
      expect('passed' in answer && answer.passed).toBe(passes);
      expect(asked).toHaveLength(firstBad === -1 ? applying.length : firstBad + 1);
      if (passes)
        expect(answer).toMatchObject({ confidence: Math.min(...applying.map((each) => each.confidence)) });
    }),
  );
});
