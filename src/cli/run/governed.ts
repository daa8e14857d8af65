import type { Governor } from '../../claude/governor/governor.ts';
import type { RunEvent } from '../../model/event.ts';
import type { LiveRun, TaskStore } from '../../ports/task-store.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { RunSettings } from '../run-options.ts';
import { LimitNotes } from './limit-notes.ts';
import { LiveRuns } from './live-runs.ts';
import { needsClaude } from './parts.ts';

interface Governed {
  /** Absent where nothing calls the API. */
  governor?: Governor;
  /** To be called with each event of the run. */
  onEvent(event: RunEvent): void;
  /** To be called when the run is over. */
  release(): void;
}

/**
 * The governor of one run: it shares the limits with the other runs on the store that call the same service, and the reporter is told how
 * they are used.
 */
export async function governed(
  settings: RunSettings,
  store: TaskStore,
  reporter: Reporter,
  service: string,
): Promise<Governed> {
  if (!needsClaude(settings)) return { onEvent: () => undefined, release: () => undefined };
  const { Governor } = await import('../../claude/governor/governor.ts');
  const adopt = (others: LiveRun[]): void => {
    for (const { limits = {}, holds = {} } of others) {
      governor.adopt(limits);
      governor.heed(holds);
    }
    governor.shareChanged();
  };
  const runs = new LiveRuns({ store, service, onSeen: adopt });
  const governor = new Governor({ share: () => runs.count });
  const notes = new LimitNotes(store);
  const endNotices = governor.onChange(() => {
    notes.changed({ limits: governor.learned(), holds: governor.holds() });
    reporter.onLimits?.(() => governor.state());
  });
  const onEvent = (event: RunEvent): void => {
    if (event.event !== 'run:start') return;
    notes.begin(event.run);
    runs.begin(event.run, event.others);
  };
  const release = (): void => {
    endNotices();
    runs.close();
  };
  return { governor, onEvent, release };
}
