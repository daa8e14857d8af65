import type { Source } from '../../src/cli/input/source.ts';

/** A file of these bytes, which are read in pieces of some length. */
export function sourceOf(content: string | Buffer, pieceBytes = 64 * 1024): Source {
  const bytes = Buffer.from(content);
  return { name: 'rows', size: bytes.length, read: 0, chunks: piecesOf(bytes, pieceBytes) };
}

async function* piecesOf(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
