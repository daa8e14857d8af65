import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ShellName = 'bash' | 'zsh' | 'fish';

/** A shell that is there to be tested with. */
export interface FoundShell {
  command: string;
  env: Record<string, string>;
  /** What has to stand in its start-up file before all else. */
  setup: string;
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/orch-test-shells', import.meta.url));

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
  const root = join(CACHE, name);
  if (!existsSync(root)) {
    const problem = unpack(name, root);
    if (problem) return problem;
  }
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

/** @returns what went wrong. */
function unpack(name: ShellName, root: string): string | undefined {
  if (process.platform !== 'linux' || spawnSync('dpkg-deb', ['--version']).status !== 0)
    return `${name} is not installed, and this is no Debian that could bring it`;
  const work = `${root}.${process.pid}`;
  mkdirSync(join(work, 'lists/partial'), { recursive: true });
  mkdirSync(join(work, 'root'));
  try {
    // A machine without package lists gets some of its own, in that folder.
    const own = ['-o', `Dir::State::lists=${join(work, 'lists')}`, '-o', `Dir::Cache=${work}`];
    if (
      !apt(work, ['download', ...PACKAGES[name]]) &&
      !(apt(work, [...own, 'update']) && apt(work, [...own, 'download', ...PACKAGES[name]]))
    )
      return `${name} is not installed, and apt-get cannot download it`;
    for (const file of readdirSync(work).filter((each) => each.endsWith('.deb'))) {
      if (spawnSync('dpkg-deb', ['-x', file, 'root'], { cwd: work }).status !== 0)
        return `${file} cannot be unpacked`;
    }
    // Fish looks for its files beside its program.
    if (existsSync(join(work, 'root/etc'))) symlinkSync('../etc', join(work, 'root/usr/etc'));
    renameSync(join(work, 'root'), root);
    return undefined;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function apt(cwd: string, args: string[]): boolean {
  const patience = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=5'];
  return spawnSync('apt-get', [...patience, ...args], { cwd, timeout: 40_000 }).status === 0;
}

/** The folder of the libraries: `/usr/lib/x86_64-linux-gnu`. */
function libraryIn(root: string): string {
  const all = join(root, 'usr/lib');
  const folder = existsSync(all) ? readdirSync(all).find((each) => each.includes('-linux-gnu')) : undefined;
  return join(all, folder ?? '');
}

function zshSetup(root: string, library: string): string {
  const modules = readdirSync(join(library, 'zsh')).map((version) => join(library, 'zsh', version));
  return `module_path=(${modules.map((path) => `'${path}'`).join(' ')})\nfpath=('${root}'/usr/share/zsh/functions/**/*(/))\n`;
}
