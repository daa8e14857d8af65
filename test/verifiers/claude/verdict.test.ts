import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readVerdict, VERDICT_SCHEMA } from '../../../src/verifiers/claude/verdict.ts';

const VERDICT = { passed: false, confidence: 0.8, feedback: 'Too long.', issues: ['length: 20 words'] };
const read = (reply: unknown) => readVerdict(JSON.stringify(reply));

describe('a reply of the judge', () => {
  test('is a verdict', () => {
    expect(read(VERDICT)).toEqual({ verdict: VERDICT });
  });

  test('that passed and still names issues contradicts itself', () => {
    const reason = "the judge's reply contradicts itself: it passed the result and names issues";
    expect(read({ ...VERDICT, passed: true })).toEqual({ reason });
    expect(read({ ...VERDICT, passed: true, issues: [] })).toMatchObject({ verdict: { passed: true } });
  });

  test.each([
    ['its feedback', { feedback: 'Too long.', issues: [] }, ['Too long.']],
    [
      'its feedback, where those named are blank',
      { feedback: 'Too long.', issues: ['', ' '] },
      ['Too long.'],
    ],
    ['that no reason was given', { feedback: ' ', issues: [] }, ['the judge gave no reason']],
  ])('that rejects and names no issue has %s as the one', (_, parts, issues) => {
    expect(read({ ...VERDICT, ...parts })).toEqual({ verdict: { ...VERDICT, ...parts, issues } });
  });

  test('that rejects has an issue whatever it says, and keeps those that it names', () => {
    const rejection = fc.record({ feedback: fc.string(), issues: fc.array(fc.string(), { maxLength: 3 }) });
    fc.assert(
      fc.property(rejection, (parts) => {
        const found = read({ ...VERDICT, ...parts });
        if (!('verdict' in found)) throw new Error(found.reason);
        const { issues } = found.verdict;
        expect(issues.some((issue) => issue.trim() !== '')).toBe(true);
        if (parts.issues.some((issue) => issue.trim() !== '')) expect(issues).toEqual(parts.issues);
      }),
    );
  });

  test.each([0, 1])('may be as sure as %d', (confidence) => {
    expect(read({ ...VERDICT, confidence })).toEqual({ verdict: { ...VERDICT, confidence } });
  });

  test.each([
    ['prose', 'It passed.'],
    ['fenced JSON', `\`\`\`json\n${JSON.stringify(VERDICT)}\n\`\`\``],
    ['cut JSON', '{"passed": true, "conf'],
    ['two verdicts', `${JSON.stringify(VERDICT)}${JSON.stringify(VERDICT)}`],
    ['nothing', ''],
  ])('that is %s is not JSON', (_, text) => {
    expect(readVerdict(text)).toEqual({ reason: "the judge's reply is not JSON" });
  });

  test.each([
    ['null', null],
    ['a list', [VERDICT]],
    ['empty', {}],
    ['without an answer', { ...VERDICT, passed: undefined }],
    ['passed in words', { ...VERDICT, passed: 'yes' }],
    ['sure in words', { ...VERDICT, confidence: '0.9' }],
    ['without feedback', { ...VERDICT, feedback: undefined }],
    ['with issues in one text', { ...VERDICT, issues: 'length' }],
    ['with an issue that is none', { ...VERDICT, issues: [1] }],
    ['with more than a verdict has', { ...VERDICT, score: 9 }],
  ])('that is %s is not a verdict', (_, reply) => {
    expect(read(reply)).toEqual({ reason: expect.stringContaining('is not a verdict') });
  });

  test.each([-0.01, 1.01, 85])('with confidence %d is not a verdict', (confidence) => {
    expect(read({ ...VERDICT, confidence })).toEqual({
      reason: `the judge's confidence is ${confidence}, and not between 0 and 1`,
    });
  });

  test('gives a short reason however long it is', () => {
    const result = read({ ...VERDICT, ['x'.repeat(5000)]: 1 });
    expect('reason' in result && result.reason.length).toBeLessThanOrEqual(300);
  });
});

test('the schema on the wire is exactly a verdict', () => {
  expect(VERDICT_SCHEMA).toEqual({
    type: 'object',
    properties: {
      passed: { type: 'boolean' },
      confidence: { type: 'number' },
      feedback: { type: 'string' },
      issues: { type: 'array', items: { type: 'string' } },
    },
    required: ['passed', 'confidence', 'feedback', 'issues'],
    additionalProperties: false,
  });
});
