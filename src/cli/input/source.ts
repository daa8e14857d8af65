import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { messageOf } from '../../model/errors.ts';
import { noteFitted } from '../fitted-lines.ts';
import { endProgress } from '../progress.ts';
import { usage } from '../values.ts';

const NEWLINE = 0x0a;

/** A file, or standard input, that is read from its beginning to its end. */
export interface Source {
  /** How messages call it. */
  name: string;
  /** Bytes; absent where nobody can tell. */
  size?: number;
  /** Bytes that have been read. */
  read: number;
  chunks: AsyncIterable<Buffer>;
}

/** Whole lines, as UTF-8. The last part of all may lack its line break. */
export interface Part {
  bytes: Buffer;
  /** Number of its first line, from 1. */
  line: number;
}

/** @param path `-` for standard input; where that is typed, the terminal is for it alone. @throws `usage`: there is no such file, or none that can be read. */
export async function openSource(path: string): Promise<Source> {
  if (path !== '-') return openFile(path);
  const name = 'standard input';
  if (process.stdin.isTTY && endProgress()) noteFitted('Reading what is typed here; Ctrl-D ends it');
  return { name, read: 0, chunks: chunksOf(() => process.stdin, name) };
}

/** @throws `usage`, likewise. */
export async function openFile(path: string): Promise<Source> {
  try {
    const file = await open(path);
    const stats = await file.stat();
    const size = stats.isFile() ? { size: stats.size } : {};
    return { name: path, read: 0, ...size, chunks: chunksOf(() => file.createReadStream(), path) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What is wrong with a file that cannot be read. */
function unreadable(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return usage(`There is no file ${path}; check the path`);
  if (code === 'EISDIR') return usage(`${path} is a directory; give a file`);
  return usage(`${path} cannot be read: ${messageOf(error)}`);
}

async function* chunksOf(stream: () => AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  try {
    yield* stream();
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** The source in parts of whole lines, without a byte order mark. @throws `usage`: bytes that are no UTF-8, with their line. */
export async function* partsOf(source: Source): AsyncGenerator<Part> {
  let line = 1;
  let begun: Buffer[] = [];
  const part = (): Part => {
    const bytes = withoutMark(begun.length === 1 ? begun[0]! : Buffer.concat(begun), line === 1);
    if (!isUtf8(bytes))
      throw usage(
        `${source.name}, line ${lineOfBadByte(bytes, line)}: this is not UTF-8; convert the file first`,
      );
    return { bytes, line };
  };
  for await (const chunk of source.chunks) {
    source.read += chunk.length;
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      begun.push(chunk);
      continue;
    }
    begun.push(chunk.subarray(0, end));
    const whole = part();
    yield whole;
    line += lineBreaksIn(whole.bytes);
    begun = end < chunk.length ? [chunk.subarray(end)] : [];
  }
  if (begun.length > 0) yield part();
}

function withoutMark(bytes: Buffer, isFirst: boolean): Buffer {
  const hasMark = isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

function lineBreaksIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function lineOfBadByte(bytes: Buffer, first: number): number {
  let line = first;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

/** Calls `take` with each line, without its line break, and its number from 1. */
export async function eachLine(source: Source, take: (line: string, number: number) => void): Promise<void> {
  for await (const { bytes, line } of partsOf(source)) {
    let number = line;
    for (const text of textOf(bytes, source, line).replace(/\n$/, '').split('\n')) take(text, number++);
  }
}

/** All of it as one text. */
export async function wholeText(source: Source): Promise<string> {
  const parts: Buffer[] = [];
  for await (const { bytes } of partsOf(source)) parts.push(bytes);
  return textOf(Buffer.concat(parts), source, 1);
}

function textOf(bytes: Buffer, source: Source, line: number): string {
  try {
    return bytes.toString('utf8');
  } catch {
    throw usage(
      `${source.name}, line ${line}: what begins here is too long to be read as one text; split it`,
    );
  }
}
