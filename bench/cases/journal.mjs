import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { print, timed } from './figures.mjs';

// The floor under any journal: two records of about 100 bytes a task, appended and synced, and nothing else.
// `group`: tasks that share a sync. 1: each record has a sync of its own.
const { folder, n, group } = JSON.parse(process.argv[2]);
const run = '0f8fad5bd9cb469fa16570867728950e';
const record = (op, index) =>
  `${JSON.stringify({ op, id: `task-${index}`, at: new Date().toISOString(), run })}\n`;

const file = openSync(join(folder, 'floor.journal'), 'a');
const append = (text) => {
  writeSync(file, text);
  fdatasyncSync(file);
};

const ms = await timed(() => {
  for (let begin = 0; begin < n; begin += group) {
    const end = Math.min(n, begin + group);
    if (group === 1) {
      append(record('claim', begin));
      append(record('settle', begin));
      continue;
    }
    let text = '';
    for (let index = begin; index < end; index++) text += record('claim', index) + record('settle', index);
    append(text);
  }
});
closeSync(file);
print({ tasksPerSecond: (n / ms) * 1000 });
