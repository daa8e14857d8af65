import { describe, expect, test } from 'vitest';
import { isMessage, readAnswer } from '../../src/claude/answer.ts';

const text = (text: string) => ({ type: 'text', text });

describe('an answer', () => {
  test('is the text of its text blocks, whatever stands between them', () => {
    const content = [{ type: 'thinking', text: 'hm' }, text('one '), { type: 'tool_use' }, text('two')];
    expect(readAnswer({ content, stop_reason: 'end_turn' })).toEqual({
      text: 'one two',
      stopReason: 'end_turn',
    });
  });

  test('keeps its text to the byte', () => {
    expect(readAnswer({ content: [text(' a\n')], stop_reason: 'end_turn' })).toMatchObject({ text: ' a\n' });
  });

  test.each([
    'max_tokens',
    'model_context_window_exceeded',
    'refusal',
    'pause_turn',
    'tool_use',
    'stop_sequence',
    null,
  ])('is not finished with stop reason %s, and keeps what there is of it', (reason) => {
    expect(readAnswer({ content: [text('part')], stop_reason: reason })).toMatchObject({
      failure: { kind: 'failed' },
      text: 'part',
    });
  });

  test.each(['', ' \n'])('without a word is none: "%s"', (blank) => {
    expect(readAnswer({ content: [text(blank)], stop_reason: 'end_turn' })).toEqual({
      failure: { kind: 'failed', message: 'the answer has no text' },
      stopReason: 'end_turn',
    });
  });

  test.each([
    [{ category: 'bio', explanation: 'No.' }, 'the model refused (bio): No.'],
    [{ category: null, explanation: null }, 'the model refused'],
    [null, 'the model refused'],
  ])('that is a refusal says what %j says', (details, message) => {
    const answer = readAnswer({ content: [], stop_reason: 'refusal', stop_details: details });
    expect(answer).toMatchObject({ failure: { message } });
  });
});

test.each([undefined, null, 'page', {}, { content: 'text' }, { content: [null] }])(
  '%j is no message',
  (value) => {
    expect(isMessage(value)).toBe(false);
  },
);
