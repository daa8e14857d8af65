import { describe, expect, it } from 'vitest';
import { knownSecrets, MESSAGE_LENGTH, redact, redactedLine } from '../../src/claude/redact.ts';

const KEY = 'sk-ant-test-0000';
const GATEWAY_KEY = 'gateway/key+of==ours';

describe('known secrets', () => {
  it('are the keys and tokens of the environment, and the explicit key', () => {
    const env = {
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_AUTH_TOKEN: ' token-1 ',
      ANTHROPIC_IDENTITY_TOKEN: 'identity',
    };
    expect(knownSecrets(env, GATEWAY_KEY).sort()).toEqual([
      'gateway/key+of==ours',
      'identity',
      KEY,
      'token-1',
    ]);
  });

  it('are also those in headers of a gateway, but no other headers', () => {
    const headers = 'X-Gateway-Key: gate-1234\nX-Team: blue-team\nProxy-Authorization: Basic dTpw';
    expect(knownSecrets({ ANTHROPIC_CUSTOM_HEADERS: headers }).sort()).toEqual(['Basic dTpw', 'gate-1234']);
  });

  it('do not hold what is blank, short or said twice', () => {
    expect(knownSecrets({ ANTHROPIC_API_KEY: ' ', ANTHROPIC_AUTH_TOKEN: 'abc' })).toEqual([]);
    expect(knownSecrets({ ANTHROPIC_API_KEY: KEY }, KEY)).toEqual([KEY]);
  });

  it('come longest first, so that none is left in part', () => {
    const secrets = knownSecrets({ ANTHROPIC_API_KEY: 'abcd', ANTHROPIC_AUTH_TOKEN: 'abcd-efgh' });
    expect(redact('it is abcd-efgh', secrets)).toBe('it is [redacted]');
  });
});

describe('redact', () => {
  it.each([
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

  it('leaves other text as it is', () => {
    const text = 'mail a@b.org, see https://docs.example/x@y, then ask ant-1';
    expect(redact(text, [KEY])).toBe(text);
  });
});

describe('a redacted line', () => {
  it('is one line without control characters', () => {
    expect(redactedLine(' a\r\n b\t\u001b[31mc\u0000 ', [])).toBe('a b [31mc');
  });

  it('is bounded', () => {
    expect(redactedLine('x'.repeat(MESSAGE_LENGTH), [])).toBe('x'.repeat(MESSAGE_LENGTH));
    const cut = redactedLine('x'.repeat(MESSAGE_LENGTH + 1), []);
    expect(cut).toHaveLength(MESSAGE_LENGTH);
    expect(cut.endsWith('x…')).toBe(true);
  });

  it('is cut after it is redacted, so that no part of a key stays', () => {
    const line = redactedLine(`${'x'.repeat(MESSAGE_LENGTH - 8)} ${KEY}`, [KEY]);
    expect(line).not.toContain('sk-');
  });
});
