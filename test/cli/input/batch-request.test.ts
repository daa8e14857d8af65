import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { taskOfRequest } from '../../../src/cli/input/batch-request.ts';
import { readImport } from '../../../src/cli/input/read-import.ts';
import { sourceOf } from '../../support/source.ts';

const params = {
  model: 'claude-sonnet-5-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
};
const taskOf = (request: object) => taskOfRequest(request, 'rows, line 3');

describe('a batch request', () => {
  test('its text is the description, custom_id the id, and the rest metadata', () => {
    const system = [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }];
    const messages = [
      { role: 'user', content: 'one' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'two' },
          { type: 'text', text: 'three' },
        ],
      },
    ];
    const request = { custom_id: 'own-1', params: { ...params, system, messages, temperature: 0 } };
    expect(taskOf(request)).toEqual({
      id: 'own-1',
      description: 'one\n\ntwo\n\nthree',
      metadata: { system: 'Be brief.', model: 'claude-sonnet-5-5', max_tokens: 100, temperature: 0 },
    });
  });

  test('any text comes through as it is', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((each) => each.trim() !== '');
    const property = fc.property(text, (content) => {
      const request = { custom_id: 'a', params: { messages: [{ role: 'user', content }] } };
      expect(taskOf(request)).toEqual({ id: 'a', description: content });
    });
    fc.assert(property);
  });

  const user = (content: unknown) => ({ params: { ...params, messages: [{ role: 'user', content }] } });
  test.each<[string, object, string]>([
    ['tools', { params: { ...params, tools: [] } }, 'params.tools cannot be part of a task'],
    ['a schema', { params: { ...params, output_config: {} } }, 'params.output_config cannot'],
    [
      'a turn of the assistant',
      { params: { ...params, messages: [...params.messages, { role: 'assistant', content: '{' }] } },
      'params.messages[1] has the role "assistant"',
    ],
    [
      'an image',
      user([{ type: 'image', source: {} }]),
      'params.messages[0].content[0] is of the type "image"',
    ],
    [
      'citations',
      user([{ type: 'text', text: 'x', citations: [] }]),
      'params.messages[0].content[0].citations cannot',
    ],
    ['content that is no text', user(7), 'expected params.messages[0].content to be a text or a list'],
    ['a blank text', user(' '), 'the messages are blank'],
    ['no messages', { params: { model: 'x' } }, 'expected params.messages to be a list'],
    ['no params', { params: 7 }, 'expected params to be an object'],
    ['another field', { priority: 1 }, 'priority cannot be part of a task'],
    ['a bad id', { custom_id: 'a b' }, 'the custom_id "a b" cannot be an id'],
    ['a long id', { custom_id: 'x'.repeat(65) }, 'cannot be an id'],
    ['no text as id', { custom_id: 7 }, 'the custom_id 7 cannot be an id'],
  ])('%s is refused with its line', (_, parts, message) => {
    const request = () => taskOf({ custom_id: 'a', params, ...parts });
    expect(request).toThrow(message);
    expect(request).toThrow(/^rows, line 3: /);
  });
});

describe('a file of them', () => {
  const read = (rows: object[]) =>
    readImport(sourceOf(rows.map((row) => `${JSON.stringify(row)}\n`).join('')), 'jsonl', () => {});
  const whole = {
    id: 'x',
    description: 'd',
    status: 'pending',
    attempts: 0,
    priority: 0,
    createdAt: '2026-01-01T00:00:00Z',
    history: [],
  };

  test('holds nothing else', async () => {
    const mixed = 'line 2: whole tasks and batch requests cannot be in one file';
    await expect(read([{ custom_id: 'a', params }, whole])).rejects.toThrow(mixed);
    await expect(read([whole, { custom_id: 'a', params }])).rejects.toThrow(mixed);
  });

  test('has no custom_id twice', async () => {
    const twice = read([
      { custom_id: 'a', params },
      { custom_id: 'b', params },
      { custom_id: 'a', params },
    ]);
    await expect(twice).rejects.toThrow('rows, line 3: the custom_id a is in line 1 already');
  });
});
