import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { simpleCommands } from '../../process/simple-commands.ts';
import { usage } from '../values.ts';

/** A plain path or name: what a shell would still change says nothing. */
const PLAIN = /^[\w./+@%:,-]+$/;

/**
 * Before anything is claimed: the program that a command begins with, or the programs of a pipe, are there, as far as can be known without
 * running it.
 * @param option how an error calls the command. @param cwd where it will run. @throws `usage`
 */
export function requireProgram(command: string, option: string, cwd = '.'): void {
  for (const program of firstPrograms(command)) {
    if (!PLAIN.test(program)) continue;
    const fault = program.includes('/') ? faultOfPath(resolve(cwd, program)) : faultOfName(program);
    if (fault) throw usage(`${option} cannot be started: ${program} ${fault}; correct the command`);
  }
}

/** Those of the pipe that it begins with: whether what follows is run depends on what came of them. */
function firstPrograms(command: string): string[] {
  const commands = simpleCommands(command);
  const last = commands.findIndex(({ end }) => end !== '|');
  return commands.slice(0, last + 1).flatMap(({ words: [program = ''] }) => program);
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
