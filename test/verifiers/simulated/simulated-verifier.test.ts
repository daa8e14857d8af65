import { expect, test } from 'vitest';
import { created } from '../../../src/model/transitions.ts';
import { SimulatedVerifier } from '../../../src/verifiers/simulated/simulated-verifier.ts';

const tasks = Array.from({ length: 3000 }, (_, i) =>
  created({ description: `Write poem ${i % 7}.` }, `task-${i}`, '2026-01-01T00:00:00.000Z'),
);
const answers = (seed: number, attempts = 0) => {
  const verifier = new SimulatedVerifier({ seed });
  return Promise.all(tasks.map((task) => verifier.verify({ ...task, attempts })));
};
const isPass = (answer: object) => 'passed' in answer && answer.passed === true;

test('about a third of the tasks is rejected at the first attempt, with a reason', async () => {
  const rejected = (await answers(0)).filter((answer) => !isPass(answer));
  expect(rejected.length).toBeGreaterThan(900);
  expect(rejected.length).toBeLessThan(1100);
  for (const answer of rejected) {
    expect(answer).toStrictEqual({
      passed: false,
      confidence: 0.9,
      feedback: expect.stringMatching(/^\[simulated\] \w.*\.$/),
      issues: [expect.stringMatching(/\w/)],
    });
  }
  expect(new Set(rejected.map((answer) => JSON.stringify(answer))).size).toBe(4);
});

test('every later attempt passes', async () => {
  expect((await answers(0, 1)).every(isPass)).toBe(true);
  expect((await answers(0, 2)).every(isPass)).toBe(true);
});

test('the same seed gives the same verdicts, another one others', async () => {
  expect(await answers(0)).toEqual(await answers(0));
  expect(await answers(1)).not.toEqual(await answers(0));
});
