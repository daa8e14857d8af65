import { expect, test } from 'vitest';
import { eachCsvRow } from '../../src/cli/input/csv-rows.ts';
import { message, verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli } from '../support/cli.ts';
import { sourceOf } from '../support/source.ts';

/** Public test sets have 1,319. */
const PROBLEMS = 1_319;

const server = useFaultServer();

/** As public test sets have them. */
function problem(n: number) {
  const question = `Ann has ${n} apples, "buys" ${3 * n} more,\nand gives ${n % 7} away. How many are left?`;
  return { id: `test/${n}`, question, answer: `${n} + ${3 * n} - ${n % 7}\n#### ${solved(question)}` };
}

function solved(text: string): number | undefined {
  const [, has, buys, gives] =
    /Ann has (\d+) apples, "buys" (\d+) more,\nand gives (\d+) away/.exec(text) ?? [];
  return Number(has) + Number(buys) - Number(gives);
}

test('problems by template and key, a fifth answered wrongly at first: all are completed, and the csv says so', async () => {
  const cli = new Cli();
  const problems = Array.from({ length: PROBLEMS }, (_, i) => problem(i + 1));
  cli.write('problems.jsonl', problems.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const add = [
    'add',
    '-f',
    'problems.jsonl',
    '--key',
    'id',
    '--template',
    'Solve: {{question}} Answer {"n": ...}.',
  ];
  expect((await cli.run(add)).code).toBe(0);
  // Once more adds nothing.
  expect((await cli.run(add)).stdout.trim().split('\n')).toHaveLength(PROBLEMS);

  const corrected = new Set<number>();
  server().handle(({ prompt, isJudge }) => {
    const right = solved(prompt) ?? Number.NaN;
    if (!isJudge) {
      const isRetry = prompt.includes(`it should be ${right}, count again`);
      if (isRetry) corrected.add(right);
      return message({ text: `n=${right % 5 === 0 && !isRetry ? right + 1 : right}` });
    }
    const given = Number(/n=(\d+)/.exec(prompt)?.[1]);
    if (given === right) return verdict({ passed: true });
    return verdict({ passed: false, feedback: `it should be ${right}, count again` });
  });
  const env = { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY };
  const run = await cli.run(['run', '-j', '16', '--max-failures', '1000', '-q'], { env });
  expect(run).toMatchObject({ stderr: '', code: 0 });
  expect(server().violations).toEqual([]);

  const wrongAtFirst = problems.filter(({ question }) => (solved(question) ?? 0) % 5 === 0);
  expect(wrongAtFirst.length).toBeGreaterThan(PROBLEMS / 6);
  expect(corrected).toEqual(new Set(wrongAtFirst.map(({ question }) => solved(question))));

  await cli.run(['export', '-o', 'out.csv']);
  const rows: Array<Record<string, unknown>> = [];
  await eachCsvRow(sourceOf(cli.read('out.csv')), (row) => rows.push(row));
  expect(rows).toHaveLength(PROBLEMS);
  for (const [i, { id, question, answer }] of problems.entries()) {
    const right = solved(question);
    expect(rows[i]).toMatchObject({
      id: id.replace('/', '-'),
      status: 'completed',
      description: `Solve: ${question} Answer {"n": ...}.`,
      result: `n=${right}`,
      attempts: wrongAtFirst.some((each) => each.id === id) ? '2' : '1',
      'metadata.id': id,
      'metadata.question': question,
      'metadata.answer': answer,
    });
  }
  const retried = (await cli.tasks()).filter(({ attempts }) => attempts === 2);
  expect(retried).toHaveLength(wrongAtFirst.length);
  for (const { history } of retried) {
    const feedback = expect.stringContaining('count again');
    expect(history).toMatchObject([{ outcome: 'rejected', verdict: { feedback } }, { outcome: 'passed' }]);
  }
}, 120_000);
