/**
 * For NODE_OPTIONS of an orch that is started: of each file that it reads as a stream, no more is read than so many bytes as the file in GATE
 * says, until that says more.
 */
import { ReadStream, readFileSync } from 'node:fs';

const read = ReadStream.prototype._read;

ReadStream.prototype._read = function gated(this: ReadStream, size: number): void {
  if (this.bytesRead < Number(readFileSync(String(process.env.GATE), 'utf8'))) read.call(this, size);
  else setTimeout(() => gated.call(this, size), 10);
};
