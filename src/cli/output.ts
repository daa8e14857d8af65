import { withoutKeys } from '../claude/redact.ts';
import { Secrets } from '../claude/secrets.ts';
import { failAtExit } from './exit-codes.ts';
import { meaningOf } from './system-error.ts';
import { isInActions, jsonWithoutCommands, withoutCommands } from './workflow-commands.ts';

/** Standard output and error as the commands use them. What cannot be written ends no command and no run. */

/** Those that take nothing more. */
const closed = new Set<NodeJS.WriteStream>();

const writtenAt = new Map<NodeJS.WriteStream, number>();

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => onError(stream, error));
}

function onError(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  closed.add(stream);
  if (stream === process.stderr || isGone(stream, error)) return;
  note(`Standard output cannot be written: ${meaningOf(error)}; nothing more is printed, the work goes on`);
  failAtExit();
}

/** Whether only the reader has left: `orch list | head -1`, or a terminal that was closed. That is no error. */
function isGone(stream: NodeJS.WriteStream, { code = '' }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || (code === 'EIO' && stream.isTTY);
}

/** Whether standard output still takes anything. */
export function isRead(): boolean {
  return !closed.has(process.stdout);
}

let lines: NodeJS.WriteStream = process.stdout;

/** From now on lines go to standard error: standard output is for a result alone. */
export function keepOutputForResult(): void {
  lines = process.stderr;
}

/** Where `print` prints. */
export function linesStream(): NodeJS.WriteStream {
  return lines;
}

/** A line for people. */
export function print(line: string): void {
  write(lines, `${forLog(redacted(line))}\n`);
}

/** A line of data, which is the same wherever it goes. */
export function printData(line: string): void {
  write(process.stdout, `${redacted(line)}\n`);
}

/** As it is, without a newline. */
export function printRaw(text: string | Buffer): void {
  write(process.stdout, text);
}

/** One object in a line, as `--json` prints it. */
export function printJson(document: object): void {
  const json = jsonDocument(document);
  printData(isInActions(process.env) ? jsonWithoutCommands(json) : json);
}

/** Of what `--json` prints; docs/cli.md says which changes make it grow. */
export const SCHEMA_VERSION = 1;

/** With the version first. A task keeps what a person wrote into it, which may be a field of that name. */
export function jsonDocument(document: object): string {
  const version = { schemaVersion: SCHEMA_VERSION };
  return JSON.stringify(Object.assign({ ...version }, document, version));
}

/** Progress and problems. */
export function note(line: string): void {
  write(process.stderr, `${forLog(redacted(line))}\n`);
}

/** A command to the program that runs the job, which reads its log. */
export function noteCommand(command: string): void {
  write(process.stderr, `${redacted(command)}\n`);
}

/** When something was last written to a stream; milliseconds since the epoch, 0 for never. */
export function lastWrittenAt(stream: NodeJS.WriteStream): number {
  return writtenAt.get(stream) ?? 0;
}

/** What stands at the foot of the terminal: lines of ours are handed to it, and scroll above. */
export interface Foot {
  above(stream: NodeJS.WriteStream, text: string): void;
}

let foot: Foot | undefined;

export function putFoot(next: Foot | undefined): void {
  foot = next;
}

/** Milliseconds for which keys that were looked up are believed: they lie in files, which no line is to wait for. */
const BELIEVED_MS = 1_000;

const secrets = new Secrets(process.env);
let keys: readonly string[] = [];
let lookedUpAt = Number.NEGATIVE_INFINITY;

/** A task may hold a credential that nobody knew of when it was added, and a token is renewed while a run lasts. */
export function redacted(line: string): string {
  const now = performance.now();
  if (now - lookedUpAt >= BELIEVED_MS) {
    keys = secrets.keys();
    lookedUpAt = now;
  }
  return withoutKeys(line, keys);
}

function forLog(line: string): string {
  return isInActions(process.env) ? withoutCommands(line) : line;
}

function write(stream: NodeJS.WriteStream, text: string | Buffer): void {
  if (closed.has(stream) || text.length === 0) return;
  if (foot && typeof text === 'string') foot.above(stream, text);
  else stream.write(text);
  writtenAt.set(stream, Date.now());
}
