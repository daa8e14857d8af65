/**
 * For NODE_OPTIONS of an orch that is started: standard output and error are a terminal as far as it can tell, of as many columns and rows as
 * the file in FAKE_TERMINAL says (`80x24`). After SIGUSR2 they are read again. `out` or `err` behind the size makes a terminal of that one alone.
 */
import { readFileSync } from 'node:fs';

const path = process.env.FAKE_TERMINAL ?? '';
const [, which] = readFileSync(path, 'utf8').trim().split(' ');
const streams = [which === 'err' ? [] : process.stdout, which === 'out' ? [] : process.stderr].flat();

function measure(): void {
  const [columns, rows] = (readFileSync(path, 'utf8').split(' ')[0] ?? '').split('x').map(Number);
  for (const stream of streams) Object.assign(stream, { columns, rows });
}

for (const stream of streams) stream.isTTY = true;
measure();
process.on('SIGUSR2', () => {
  measure();
  for (const stream of streams) stream.emit('resize');
});
