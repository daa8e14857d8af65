import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { print } from './figures.mjs';

// GNU parallel with curl, whose retries heed retry-after. A task whose curl fails is lost.
const { folder, url, program, curl, tasks, characters } = JSON.parse(process.argv[2]);
const log = join(folder, 'log');
const body = join(folder, 'body.json');
const messages = [{ role: 'user', content: 'word '.repeat(characters / 5) }];
writeFileSync(body, JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 8192, messages }));
const command = `${curl} -sf --retry 5 -o /dev/null -H content-type:application/json -d @${body} ${url}/v1/messages # {}`;
const args = ['-j50', '--joblog', log, command, ':::', ...Array.from({ length: tasks }, (_, index) => index)];
const child = spawn(program, args.map(String), { stdio: 'ignore' });
const ended = once(child, 'exit');
const figures = await (await fetch(`${url}/end`)).json();
const rows = readFileSync(log, 'utf8').trim().split('\n').slice(1);
const lost = rows.filter((row) => row.split('\t')[6] !== '0').length;
// Once more: at once.
child.kill('SIGTERM');
child.kill('SIGTERM');
await ended;
print({ ...figures, lost });
