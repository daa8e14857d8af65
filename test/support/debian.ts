import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/orch-test-debian', import.meta.url));

/**
 * What is not installed, unpacked from its Debian packages into a folder of the tests: nothing is installed.
 * @param packages with what they need beyond any Debian. @returns the folder; or why there is none, in words.
 */
export function unpacked(
  name: string,
  packages: readonly string[],
): { root: string; problem?: string | undefined } {
  const root = join(CACHE, name);
  return { root, problem: existsSync(root) ? undefined : unpack(name, packages, root) };
}

/** @returns what went wrong. */
function unpack(name: string, packages: readonly string[], root: string): string | undefined {
  if (process.platform !== 'linux' || spawnSync('dpkg-deb', ['--version']).status !== 0)
    return `${name} is not installed, and this is no Debian that could bring it`;
  const work = `${root}.${process.pid}`;
  mkdirSync(join(work, 'lists/partial'), { recursive: true });
  mkdirSync(join(work, 'root'));
  try {
    // A machine without package lists gets some of its own, in that folder.
    const own = ['-o', `Dir::State::lists=${join(work, 'lists')}`, '-o', `Dir::Cache=${work}`];
    if (
      !apt(work, ['download', ...packages]) &&
      !(apt(work, [...own, 'update']) && apt(work, [...own, 'download', ...packages]))
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
export function libraryIn(root: string): string {
  const all = join(root, 'usr/lib');
  const folder = existsSync(all) ? readdirSync(all).find((each) => each.includes('-linux-gnu')) : undefined;
  return join(all, folder ?? '');
}
