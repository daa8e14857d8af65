import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { print, timed } from './figures.mjs';

// The floor under adding many at once: one record a task, written by the thousand, one sync at the end.
const { folder, n } = JSON.parse(process.argv[2]);
const record = (index) =>
  `${JSON.stringify({ op: 'add', at: new Date().toISOString(), task: { id: `task-${index}`, description: `Task number ${index}` } })}\n`;

const file = openSync(join(folder, 'floor.journal'), 'a');
const ms = await timed(() => {
  for (let begin = 0; begin < n; begin += 1000) {
    let text = '';
    for (let index = begin; index < Math.min(n, begin + 1000); index++) text += record(index);
    writeSync(file, text);
  }
  fdatasyncSync(file);
});
closeSync(file);
print({ addedPerSecond: (n / ms) * 1000 });
