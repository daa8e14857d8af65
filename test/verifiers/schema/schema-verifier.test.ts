import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSchema } from '../../../src/verifiers/schema/compile.ts';
import { jsonOf } from '../../../src/verifiers/schema/json-of.ts';
import { SchemaVerifier } from '../../../src/verifiers/schema/schema-verifier.ts';
import { makeTask } from '../../support/task.ts';

const { signal } = new AbortController();
type Schema = Record<string, unknown>;

function verify(schema: Schema, output: string) {
  return new SchemaVerifier({ schema }).verify(makeTask(), { success: true, output }, { signal });
}

const city: Schema = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, size: { enum: ['small', 'large'] }, twin: { const: null } },
  additionalProperties: false,
};

test('a result that fits passes', async () => {
  const passed = { passed: true, confidence: 1, feedback: '', issues: [], isCheck: true };
  expect(await verify(city, '{ "name": "Ulm", "size": "small" }\n')).toEqual(passed);
});

test('all errors are feedback, with their places', async () => {
  const issues = [
    "the whole must have required property 'name'",
    'the whole must NOT have additional properties: "mayor"',
    '/size must be equal to one of the allowed values: ["small","large"]',
    '/twin must be equal to constant: null',
  ];
  expect(await verify(city, '{ "mayor": 1, "size": "huge", "twin": 2 }')).toEqual({
    passed: false,
    confidence: 1,
    feedback: `The result does not fit its JSON Schema:\n${issues.map((issue) => `- ${issue}`).join('\n')}`,
    issues,
    isCheck: true,
  });
});

test('twenty errors are told, and how many more there are; none is longer than 300 characters', async () => {
  const numbers = JSON.stringify(Array.from({ length: 25 }, (_, i) => i));
  const answer = await verify({ items: { type: 'string' } }, numbers);
  const { issues } = answer as { issues: string[] };
  expect(issues).toHaveLength(21);
  expect(issues.slice(0, 1)).toEqual(['/0 must be string']);
  expect(issues.at(-1)).toBe('and 5 more');
  const long = await verify({ additionalProperties: false }, JSON.stringify({ ['x'.repeat(1_000)]: 1 }));
  expect((long as { issues: string[] }).issues[0]).toHaveLength(300);
});

test('what is not JSON is rejected', async () => {
  expect(await verify(city, 'Ulm')).toMatchObject({
    passed: false,
    issues: [expect.stringContaining('it is not JSON: ')],
  });
});

describe('a fenced block', () => {
  const json = '{ "name": "Ulm" }';
  test.each([
    ['```json\n', '\n```', true],
    ['```\n', '\n```', true],
    ['\n```JSON \r\n', '\n```\n\n', true],
    ['Here it is:\n```json\n', '\n```', true],
    ['```json\n', '\n```\nThat is all.', true],
    ['1. Here:\n   ```json title="a"\n   ', '\n   ```\n2. And `` `x` ``, ```y```.', true],
    ['```js\n{}\n```\n```json\n', '\n```\n```\n{}\n```', true],
    ['~~~json\n', '\n~~~\nSo.', true],
    ['Here it is:\n```\n', '\n```', false],
    ['```\n{}\n```\n```\n', '\n```', false],
    ['````md\n```json\n', '\n```\n````', false],
    ['Here it is:\n```json\n', '\n~~~', false],
    ['Here it is: ```json ', '```', false],
    ['```js\n', '\n```', false],
    ['```json\n', '', false],
    ['```json\n', '\nThat is all.', false],
  ])('%j ... %j: %s', async (before, after, passed) => {
    expect(await verify(city, `${before}${json}${after}`)).toMatchObject({ passed });
  });

  test('is read as what is in it, and anything else as it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        const block = `\`\`\`json\n${text}\n\`\`\`\n`;
        for (const result of [text, block, `Here:\n${block}That is all.`]) {
          expect(jsonOf(result)).toEqual(value);
        }
      }),
    );
  });

  test.each(['', '```', '```json', '\n'])('is not there in %j', (text) => {
    expect(() => jsonOf(text)).toThrow('JSON');
  });

  test.each([
    [2, '```json\n{}\n```\n```json\n{}\n```'],
    [3, 'One:\n```json\n{ "name": "Ulm" }\n```\nor:\n```JSON\nx\n```\n```json\n```'],
  ])('that is not the only one is a rejection that says so: %i', async (count, result) => {
    expect(await verify({}, result)).toMatchObject({
      passed: false,
      issues: [`it is not JSON: there are ${count} fenced blocks of JSON in it; give one`],
    });
  });

  test('is not looked for in what is JSON as a whole', async () => {
    const result = JSON.stringify('Here:\n```json\n1\n```');
    expect(await verify({ type: 'string' }, result)).toMatchObject({ passed: true });
  });
});

test.each<[string, Schema]>([
  ['a type that is none', { type: 'text' }],
  ['an older draft', { $schema: 'http://json-schema.org/draft-07/schema#' }],
  ['a reference to elsewhere', { $ref: 'https://127.0.0.1/schema.json' }],
  ['a pattern that is none', { pattern: '(' }],
  ['an answer that comes later', { $async: true }],
])('%s is no schema; a task that has it is unverifiable at once', async (_, schema) => {
  expect(() => compileSchema(schema)).toThrow('The schema is no JSON Schema 2020-12 (');
  const answer = await new SchemaVerifier().verify(
    makeTask({ schema }),
    { success: true, output: '{}' },
    { signal },
  );
  expect(answer).toMatchObject({ error: { kind: 'permanent', message: expect.stringContaining('2020-12') } });
});

test.each<[string, Schema, string, boolean]>([
  ['prefixItems', { prefixItems: [{ type: 'string' }], items: false }, '["a"]', true],
  ['prefixItems', { prefixItems: [{ type: 'string' }], items: false }, '["a", 1]', false],
  ['a reference within', { $defs: { n: { type: 'number' } }, $ref: '#/$defs/n' }, '1', true],
  ['a reference within', { $defs: { n: { type: 'number' } }, $ref: '#/$defs/n' }, '"1"', false],
  ['unevaluatedProperties', { properties: { a: true }, unevaluatedProperties: false }, '{"b":1}', false],
  ['a format says nothing', { format: 'date' }, '"someday"', true],
  ['an unknown word says nothing', { 'x-note': 'hello' }, '1', true],
])('%s', async (_, schema, output, passed) => {
  expect(await verify(schema, output)).toMatchObject({ passed });
});

test('two schemas with one $id do not get in each other’s way', async () => {
  expect(await verify({ $id: 'urn:x:a', type: 'string' }, '1')).toMatchObject({ passed: false });
  expect(await verify({ $id: 'urn:x:a', type: 'number' }, '1')).toMatchObject({ passed: true });
});

test('a pattern that would take for ever is ended, is no verdict, and the next is validated as ever', async () => {
  const verifier = new SchemaVerifier({ schema: { pattern: '^(a+)+$' }, timeoutMs: 20 });
  const output = JSON.stringify(`${'a'.repeat(60)}!`);
  const answer = await verifier.verify(makeTask(), { success: true, output }, { signal });
  const reason = 'the validation gave nothing: it did not end within 0.02 s';
  expect(answer).toEqual({ inconclusive: true, reason, isCheck: true });
  expect(await verify({ type: 'string' }, '"a"')).toMatchObject({ passed: true });
});

test("without a schema of its own, the task's decides", async () => {
  const verifier = new SchemaVerifier();
  expect(verifier.applies(makeTask())).toBe(false);
  const task = makeTask({ schema: { type: 'string' } });
  expect(verifier.applies(task)).toBe(true);
  const answer = await verifier.verify(task, { success: true, output: '1' }, { signal });
  expect(answer).toMatchObject({ passed: false });
});

test('what is no UTF-8 is no JSON, though its base64 may be', async () => {
  const execution = { success: true, output: '1234', metadata: { encoding: 'base64' } } as const;
  expect(await new SchemaVerifier({ schema: {} }).verify(makeTask(), execution, { signal })).toMatchObject({
    passed: false,
    issues: ['it is not JSON: its bytes are no UTF-8'],
  });
});
