import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedHead, BoundedTail, firstBytes, lastBytes } from '../../src/process/bounded.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const max = fc.integer({ min: 1, max: 80 });
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

/** The bytes of a text in pieces of these sizes, in turn. */
function* pieces(whole: string, sizes: number[]): Generator<Buffer> {
  const bytes = Buffer.from(whole);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

test('a cut text is whole characters of it, within the limit, and wastes less than one character', () => {
  fc.assert(
    fc.property(text, max, (whole, limit) => {
      const head = firstBytes(Buffer.from(whole), limit);
      const tail = lastBytes(Buffer.from(whole), limit);
      expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true);
      for (const part of [head, tail]) {
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(limit);
        expect(Buffer.byteLength(part)).toBeGreaterThan(Math.min(limit, Buffer.byteLength(whole)) - 4);
      }
    }),
  );
});

test('what is no UTF-8 is kept as far as it goes', () => {
  expect(firstBytes(Buffer.from([0x61, 0xff, 0xc3]), 10)).toBe('a\ufffd\ufffd');
  expect(lastBytes(Buffer.alloc(10, 0x80), 5)).toBe('\ufffd'.repeat(2));
});

describe('collected in pieces', () => {
  test('a head is no UTF-8 by what is in it, not by where it was cut', () => {
    const binary = (limit: number, ...chunks: number[][]) => {
      const head = new BoundedHead(limit);
      for (const chunk of chunks) head.add(Buffer.from(chunk));
      return head.binary;
    };
    expect(binary(2, [0x61], [0xc3, 0xa4, 0xc3])).toBeUndefined();
    expect(binary(9, [0x61, 0xc3], [0xa4])).toBeUndefined();
    expect(binary(9, [0x61], [0xc3])).toEqual(Buffer.from([0x61, 0xc3]));
    expect(binary(2, [0xff], [0xc3, 0xa4, 0xc3])).toEqual(Buffer.from([0xff, 0xc3]));
  });

  test('a head is what the whole would be, and says when it is more than the limit', () => {
    fc.assert(
      fc.property(text, max, cuts, (whole, limit, sizes) => {
        const head = new BoundedHead(limit);
        const fits = [...pieces(whole, sizes)].map((piece) => head.add(piece)).at(-1) ?? true;
        expect(head.toString()).toBe(firstBytes(Buffer.from(whole), limit));
        expect(fits).toBe(Buffer.byteLength(whole) <= limit);
      }),
    );
  });

  test('a tail does not begin in the middle of a word', () => {
    const tail = new BoundedTail(12);
    tail.add(Buffer.from('the secret-key is shown'));
    expect(tail.toString()).toBe('is shown');
    const long = new BoundedTail(10_000);
    long.add(Buffer.from('k'.repeat(20_000)));
    expect(long.toString()).toBe('k'.repeat(10_000 - 4096));
  });

  test('a tail is the end of the whole, and all of it where it fits', () => {
    fc.assert(
      fc.property(text, max, cuts, (whole, limit, sizes) => {
        const tail = new BoundedTail(limit);
        for (const piece of pieces(whole, sizes)) tail.add(piece);
        if (Buffer.byteLength(whole) <= limit) expect(tail.toString()).toBe(whole.toWellFormed());
        expect(lastBytes(Buffer.from(whole), limit).endsWith(tail.toString())).toBe(true);
      }),
    );
  });
});
