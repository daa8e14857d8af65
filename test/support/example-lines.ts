import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';

/** What `orch` is given when a shell runs this line: a list of arguments each time. Nothing is done, and no other program is found. */
export function invocationsIn(line: string): string[][] {
  const dir = mkdtempSync(join(tmpdir(), 'orch-example-'));
  try {
    // What it prints stands for an id; `end` keeps blank arguments apart from none.
    const orch = 'orch() { printf "%s\\0" "$@" end-of-line >> calls; echo task-001; }';
    spawnSync('/bin/sh', ['-c', `PATH=; : > calls\n${orch}\n${line}`], { cwd: dir, env: {}, input: '' });
    const words = readFileSync(join(dir, 'calls'), 'utf8').split('\0');
    const calls: string[][] = [];
    for (let end = words.indexOf('end-of-line'); end !== -1; end = words.indexOf('end-of-line')) {
      calls.push(words.splice(0, end));
      words.shift();
    }
    return calls;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Runs the parser on arguments, and does nothing else. @returns the command that they are for. @throws what the parser throws. */
export async function parsed(args: string[]): Promise<Command> {
  const program = await buildProgram();
  let command = program;
  for (const each of program.commands) {
    each.action(() => {
      command = each;
    });
  }
  await program.parseAsync(args, { from: 'user' });
  return command;
}
