import { open } from 'node:fs/promises';
import { messageOf } from '../../model/errors.ts';
import { usage } from '../values.ts';

/** A text that came from outside, and how an error calls its source. */
export interface Input {
  name: string;
  text: string;
}

/** The whole text of a file, or of standard input for `-`. Bytes that are no UTF-8 are refused, with their line. */
export async function readText(path: string): Promise<Input> {
  if (path !== '-') return { name: path, text: await readFileText(path) };
  const name = 'standard input';
  return { name, text: decode(await readStdin(), name) };
}

/** The whole text of a file, without a byte order mark. */
export async function readFileText(path: string): Promise<string> {
  return decode(await readFile(path), path);
}

async function readFile(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    return await file.readFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw usage(`There is no file ${path}; check the path`);
    if (code === 'EISDIR') throw usage(`${path} is a directory; give a file`);
    throw usage(`${path} cannot be read: ${messageOf(error)}`);
  }
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usage(`${name}, line ${lineOfBadByte(bytes)}: this is not UTF-8; convert the file first`);
  }
}

function lineOfBadByte(bytes: Buffer): number {
  const readable = new TextDecoder('utf-8').decode(bytes);
  // The first replacement character that is not in the bytes themselves.
  const lines = readable.split('\n');
  let start = 0;
  for (const [i, line] of lines.entries()) {
    const end = bytes.indexOf(0x0a, start);
    const original = bytes.subarray(start, end === -1 ? undefined : end);
    if (line.includes('\ufffd') && Buffer.compare(Buffer.from(line), original) !== 0) return i + 1;
    start = end + 1;
  }
  return lines.length;
}
