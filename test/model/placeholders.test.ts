import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeholdersIn, replacePlaceholders } from '../../src/model/placeholders.ts';

const after = ['task-001', 'A.b_c-9'];

describe('placeholders', () => {
  test('are ids in two braces, of tasks in `after`, each once in the order of the text', () => {
    const description = '{{A.b_c-9}} {{task-001}} {{A.b_c-9}} {{{task-001}}}';
    expect(placeholdersIn({ description, after })).toEqual(['A.b_c-9', 'task-001']);
  });

  test.each(['{{ task-001 }}', '{task-001}', '{{task-002}}', '{{}}', '{{task-001}', '{{task\n-001}}', '{{'])(
    'are not %j',
    (description) => {
      expect(placeholdersIn({ description, after })).toEqual([]);
      expect(replacePlaceholders(description, (id) => (after.includes(id) ? '!' : undefined))).toBe(
        description,
      );
    },
  );

  test('are none where a task comes after nothing', () => {
    expect(placeholdersIn({ description: '{{task-001}}' })).toEqual([]);
    expect(placeholdersIn({ description: '{{task-001}}', after: [] })).toEqual([]);
  });

  test('are replaced by any text as it is, and nothing else changes', () => {
    expect(replacePlaceholders('a {{task-001}} b {{x}}', (id) => (id === 'x' ? undefined : '$& {{x}}'))).toBe(
      'a $& {{x}} b {{x}}',
    );
    const piece = fc.oneof(fc.string(), fc.constantFrom('{{', '}}', '{', '}', '{{task-001}}'));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        expect(replacePlaceholders(text, () => undefined)).toBe(text);
        expect(replacePlaceholders(text, (id) => `{{${id}}}`)).toBe(text);
      }),
    );
  });
});
