import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { usage } from '../values.ts';

/** The first word of a command, where it is a plain path or name: what a shell would still change says nothing. */
const FIRST_WORD = /^\s*([\w./+@%:,-]+)(?=[\s;|&<>]|$)/;

/**
 * Before anything is claimed: the program that a command begins with is there, as far as can be known without running it.
 * @param option how an error calls the command. @param cwd where it will run. @throws `usage`
 */
export function requireProgram(command: string, option: string, cwd = '.'): void {
  const program = FIRST_WORD.exec(command)?.[1];
  if (program === undefined) return;
  const fault = program.includes('/') ? faultOfPath(resolve(cwd, program)) : faultOfName(program);
  if (fault) throw usage(`${option} cannot be started: ${program} ${fault}; correct the command`);
}

function faultOfPath(path: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return 'is a folder';
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : 'is not executable';
  }
}

/** The shell knows programs by PATH, and words of its own. */
function faultOfName(name: string): string | undefined {
  const { status } = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' });
  return status === 0 || status === null ? undefined : 'is neither a program in PATH nor a word of the shell';
}
