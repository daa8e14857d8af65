import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, OrchError } from '../../../model/errors.ts';
import type { TextLog } from '../../packed-tasks.ts';

/** Bytes that are written together, and are in memory until then. */
const CHUNK_BYTES = 1 << 20;

/** A UTF-16 unit becomes so many bytes at most. */
const MAX_UNIT_BYTES = 3;

/** Texts in a file without a name in the folder for temporary files, so that it is gone with the process; nobody else can read it. */
export class TemporaryLog implements TextLog {
  #chunk = Buffer.alloc(0);
  #inChunk = 0;
  #written = 0;
  #fd: number | undefined;
  #isClosed = false;

  get end(): number {
    return this.#written + this.#inChunk;
  }

  append(text: string): void {
    if (this.#isClosed)
      throw new OrchError('store-unusable', 'The intake has been closed; begin another one');
    const most = text.length * MAX_UNIT_BYTES;
    if (this.#inChunk + most > this.#chunk.length) {
      this.#write();
      if (most > this.#chunk.length) this.#chunk = Buffer.allocUnsafeSlow(Math.max(most, CHUNK_BYTES));
    }
    this.#inChunk += this.#chunk.write(text, this.#inChunk);
  }

  readInto(target: Buffer, at: number, offset: number, length: number): void {
    this.#write();
    for (let done = 0; done < length; ) {
      const read =
        this.#fd === undefined ? 0 : readSync(this.#fd, target, at + done, length - done, offset + done);
      if (read === 0) throw new Error('the intake has no such text');
      done += read;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#chunk = Buffer.alloc(0);
    this.#inChunk = 0;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #write(): void {
    try {
      if (this.#inChunk > 0) this.#fd ??= openUnnamed();
      for (let done = 0; done < this.#inChunk; ) {
        done += writeSync(this.#fd!, this.#chunk, done, this.#inChunk - done, this.#written + done);
      }
    } catch (error) {
      const message = `The tasks cannot be kept in ${tmpdir()} until they are added (${messageOf(error)}); make room there, or name another folder in TMPDIR`;
      throw new OrchError('store-unusable', message, { cause: error });
    }
    this.#written += this.#inChunk;
    this.#inChunk = 0;
  }
}

function openUnnamed(): number {
  const folder = mkdtempSync(join(tmpdir(), 'orch-intake-'));
  const fd = openSync(join(folder, 'tasks'), 'wx+', 0o600);
  rmSync(folder, { recursive: true, force: true });
  return fd;
}
