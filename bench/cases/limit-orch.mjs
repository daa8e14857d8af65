import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { print } from './figures.mjs';

// `orch run` at a limited API, told nothing but its concurrency; several runs work on one store.
const { folder, url, runs, tasks, characters } = JSON.parse(process.argv[2]);
const env = {
  PATH: process.env.PATH,
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_API_KEY: 'sk-ant-bench-0000',
  ANTHROPIC_CONFIG_DIR: folder,
};
const orch = [resolve(import.meta.dirname, '../../bin/orch.js'), '--store', join(folder, 'tasks.json')];
const run = async (args) => (await promisify(execFile)(process.execPath, [...orch, ...args], { env })).stdout;

const file = join(folder, 'tasks.txt');
writeFileSync(file, `${'word '.repeat(characters / 5)}\n`.repeat(tasks));
await run(['add', '-q', '-f', file]);
const args = [...orch, 'run', '-q', '-j', '64', '--no-verify'];
const children = Array.from({ length: runs }, () =>
  spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }),
);
const ended = children.map((child) => once(child, 'exit'));
const figures = await (await fetch(`${url}/end`)).json();
if (children.some(({ exitCode }) => exitCode !== null)) throw new Error('A run ended within the window');
for (const child of children) child.kill('SIGTERM');
await Promise.all(ended);
const { counts } = JSON.parse(await run(['status', '--json']));
print({ ...figures, lost: counts.failed });
