import { describe, expect, test } from 'vitest';
import { MESSAGE_LENGTH, redact, redactedLine } from '../../src/claude/redact.ts';

const KEY = 'sk-ant-test-0000';
const GATEWAY_KEY = 'gateway/key+of==ours';

test('secrets are taken out longest first, so that none is left in part', () => {
  expect(redact('it is abcd-efgh', ['abcd', 'abcd-efgh'])).toBe('it is [redacted]');
});

describe('redact', () => {
  test.each([
    ['a known value', `key ${GATEWAY_KEY}!`, 'key [redacted]!'],
    ['each of them', `${GATEWAY_KEY} ${GATEWAY_KEY}`, '[redacted] [redacted]'],
    ['a key that is not ours', 'key sk-ant-api03-AbC_d-9.', 'key [redacted].'],
    ['a bearer header', '{"Authorization":"Bearer abc.DEF-1~2+3/4="}', '{"Authorization":"[redacted]"}'],
    ['a bearer header in small letters', 'authorization: bearer   abc', 'authorization: [redacted]'],
    ['a bearer header that holds a key', `Bearer ${KEY}`, '[redacted]'],
    ['a password in an address', 'at https://me:secret@host/v1', 'at https://[redacted]@host/v1'],
  ])('takes out %s', (_, text, expected) => {
    expect(redact(text, [GATEWAY_KEY])).toBe(expected);
  });

  test('leaves other text as it is', () => {
    const text = 'mail a@b.org, see https://docs.example/x@y, then ask ant-1';
    expect(redact(text, [KEY])).toBe(text);
  });
});

describe('a redacted line', () => {
  test('is one line without control characters', () => {
    expect(redactedLine(' a\r\n b\t\u001b[31mc\u0000 ', [])).toBe('a b [31mc');
  });

  test('is bounded', () => {
    expect(redactedLine('x'.repeat(MESSAGE_LENGTH), [])).toBe('x'.repeat(MESSAGE_LENGTH));
    const cut = redactedLine('x'.repeat(MESSAGE_LENGTH + 1), []);
    expect(cut).toHaveLength(MESSAGE_LENGTH);
    expect(cut.endsWith('x…')).toBe(true);
  });

  test('is cut after it is redacted, so that no part of a key stays', () => {
    const line = redactedLine(`${'x'.repeat(MESSAGE_LENGTH - 8)} ${KEY}`, [KEY]);
    expect(line).not.toContain('sk-');
  });
});
