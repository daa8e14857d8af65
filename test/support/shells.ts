import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { libraryIn, unpacked } from './debian.ts';

export type ShellName = 'bash' | 'zsh' | 'fish';

/** A shell that is there to be tested with. */
export interface FoundShell {
  command: string;
  env: Record<string, string>;
  /** What has to stand in its start-up file before all else. */
  setup: string;
}

/** Where a shell is not installed: the Debian packages that bring it, and what they need beyond any Debian. */
const PACKAGES: Record<ShellName, string[]> = {
  bash: ['bash'],
  zsh: ['zsh', 'zsh-common', 'libcap2'],
  fish: ['fish', 'fish-common', 'libpcre2-32-0'],
};

/**
 * The shell of this machine; otherwise that of its Debian packages, unpacked into a folder of the tests: nothing is installed.
 * @returns why there is none, in words.
 */
export function findShell(name: ShellName): FoundShell | string {
  if (runs(name, {})) return { command: name, env: {}, setup: '' };
  const { root, problem } = unpacked(name, PACKAGES[name]);
  if (problem) return problem;
  const command = [join(root, 'bin', name), join(root, 'usr/bin', name)].find((path) => existsSync(path));
  const library = libraryIn(root);
  const env = { LD_LIBRARY_PATH: library };
  if (!command || !runs(command, env))
    return `${name} is not installed, and that of its Debian package does not run here`;
  return { command, env, setup: name === 'zsh' ? zshSetup(root, library) : '' };
}

function runs(command: string, env: Record<string, string>): boolean {
  return spawnSync(command, ['-c', 'exit 0'], { env: { ...process.env, ...env } }).status === 0;
}

function zshSetup(root: string, library: string): string {
  const modules = readdirSync(join(library, 'zsh')).map((version) => join(library, 'zsh', version));
  return `module_path=(${modules.map((path) => `'${path}'`).join(' ')})\nfpath=('${root}'/usr/share/zsh/functions/**/*(/))\n`;
}
