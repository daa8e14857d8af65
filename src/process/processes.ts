import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process, and the group it is in. */
export interface Member {
  pid: number;
  group: number;
}

/** All that there are, as Linux tells them; elsewhere none. */
export function processes(): (Member & { session: number })[] {
  const pids = orElse([], () => readdirSync('/proc')).filter((name) => /^\d+$/.test(name));
  // One may end in between: its numbers are none then.
  return pids.map((pid) => ({
    pid: Number(pid),
    ...parseStat(orElse('', () => readFileSync(`/proc/${pid}/stat`, 'utf8'))),
  }));
}

/** Whether a process of this user has it in its environment (Linux): another user's cannot be read. */
export function hasMark(pid: number, mark: string): boolean {
  return orElse('', () => readFileSync(`/proc/${pid}/environ`, 'latin1')).includes(mark);
}

function orElse<T>(fallback: T, read: () => T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}

/** See proc(5): `5 (name) S parent group session ...`. The name can hold anything, `) ` as well. */
export function parseStat(stat: string): { group: number; session: number } {
  const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { group: Number(group), session: Number(session) };
}

/** All that there are, a process a line: its id, its parent's, its group's. */
export function processTable(): string {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid='], { encoding: 'utf8' });
  return stdout ?? '';
}

/**
 * The children of the leader and of those known before, and their children, and so on.
 * @param table as `processTable` gives it.
 */
export function descendants(table: string, leader: number, known: Member[] = []): Member[] {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const found = new Map<number, Member>();
  for (const [pid = 0, , group = 0] of rows) {
    if (known.some((member) => member.pid === pid && member.group === group)) found.set(pid, { pid, group });
  }
  const add = (parent: number) => {
    for (const [pid = 0, of, group = 0] of rows) {
      if (of !== parent || found.has(pid)) continue;
      found.set(pid, { pid, group });
      add(pid);
    }
  };
  for (const parent of [leader, ...found.keys()]) add(parent);
  return [...found.values()];
}
