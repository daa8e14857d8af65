import { mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Short, so that a process which has used up its share rests for a few milliseconds only. Microseconds. */
const PERIOD_US = 10_000;

/** Where Linux keeps the groups whose processor time can be limited: its version 1, then version 2. */
const HOMES = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'];

/**
 * Groups of processes that get a part of one processor core each, however many cores are idle: a machine that is smaller than this one.
 * Needs Linux, and the right to make control groups (root).
 */
export class CpuShares {
  readonly #groups: string[] = [];

  /** Whether they can be had here. */
  static areThere(): boolean {
    const shares = new CpuShares();
    try {
      shares.#group(1);
      return true;
    } catch {
      return false;
    } finally {
      shares.close();
    }
  }

  /** @param share of one core, such as 0.2, for this process and its threads. */
  limit(pid: number, share: number): void {
    writeFileSync(join(this.#group(share), 'cgroup.procs'), String(pid));
  }

  /** Once the processes have ended. */
  close(): void {
    for (const group of this.#groups.splice(0)) rmdirSync(group);
  }

  #group(share: number): string {
    const home = HOMES.find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
    const group = join(home ?? '', `orch-bench-${process.pid}-${this.#groups.length}`);
    mkdirSync(group);
    this.#groups.push(group);
    const quota = Math.round(share * PERIOD_US);
    if (home === HOMES[0]) {
      writeFileSync(join(group, 'cpu.cfs_period_us'), String(PERIOD_US));
      writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quota));
    } else {
      writeFileSync(join(group, 'cpu.max'), `${quota} ${PERIOD_US}`);
    }
    return group;
  }
}
