/** Standard output and error as the commands use them. A reader who has gone away (`orch list | head -1`) is no error. */

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
  });
}

/** Whether anybody still reads standard output. */
export function isRead(): boolean {
  return !process.stdout.destroyed;
}

export function print(line: string): void {
  write(process.stdout, `${line}\n`);
}

/** As it is, without a newline. */
export function printRaw(text: string): void {
  write(process.stdout, text);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** Progress and problems. */
export function note(line: string): void {
  write(process.stderr, `${line}\n`);
}

function write(stream: NodeJS.WriteStream, text: string): void {
  if (!stream.destroyed && text !== '') stream.write(text);
}
