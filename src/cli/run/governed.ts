import type { Governor } from '../../claude/governor/governor.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { RunSettings } from '../run-options.ts';
import { LiveRuns } from './live-runs.ts';
import { needsClaude } from './parts.ts';

interface Governed {
  /** Absent where nothing calls the API. */
  governor?: Governor;
  /** To be called when the run is over. */
  release(): void;
}

/** The governor of one run: it shares the limits with the other runs on the store, and the reporter is told how they are used. */
export async function governed(
  settings: RunSettings,
  store: TaskStore,
  reporter: Reporter,
): Promise<Governed> {
  if (!needsClaude(settings)) return { release: () => undefined };
  const { Governor } = await import('../../claude/governor/governor.ts');
  const runs = await LiveRuns.of(store);
  const governor = new Governor({ share: () => runs.count });
  const endNotices = governor.onChange(() => reporter.onLimits?.(governor.state()));
  const release = (): void => {
    endNotices();
    runs.close();
  };
  return { governor, release };
}
