import { expect, test } from 'vitest';
import { filesFailure, isShortage } from '../../src/process/shortage.ts';

const thrown = (code: string) => Object.assign(new Error(`${code}: as it is`), { code });

test.each(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC'])('%s passes', (code) => {
  expect(isShortage(code)).toBe(true);
  expect(filesFailure(thrown(code))).toEqual({
    kind: 'transient',
    message: expect.stringContaining(`${code}: as it is`),
  });
});

test.each(['ENOENT', 'EACCES', 'EROFS', 'ENOTDIR'])(
  '%s does not pass, and TMPDIR is to be mended',
  (code) => {
    expect(isShortage(code)).toBe(false);
    expect(filesFailure(thrown(code))).toEqual({ kind: 'fatal', message: expect.stringContaining('TMPDIR') });
  },
);

test('what nobody knows may pass', () => {
  expect(filesFailure(thrown('EIO')).kind).toBe('transient');
  expect(filesFailure('odd').kind).toBe('transient');
  expect(isShortage(undefined)).toBe(false);
});
