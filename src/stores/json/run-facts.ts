import type { TaskAccounted } from '../ledger.ts';
import type { TableRecord } from '../record.ts';
import type { TaskTable } from '../task-table.ts';
import { type Head, isAboutRuns } from './journal/journal-record.ts';

/** What is about runs and not about tasks stands in journals alone. A journal's head has what there was before it. */
type RunFacts = Pick<Head, 'told' | 'lastStop' | 'ledger'>;

/** Has a table that holds no tasks follow what is said of runs, and of what they have paid for tasks. */
export function followRuns(table: TaskTable, record: TableRecord): void {
  if (isAboutRuns(record)) table.apply(record);
  else if (isAccount(record)) table.ledger.accounted(record);
}

function isAccount(record: TableRecord): record is TableRecord & TaskAccounted {
  return ['checkpoint', 'settle', 'reset', 'remove'].includes(record.op);
}

/** What a table knows of runs, for a head. */
export function runFactsOf(table: TaskTable): RunFacts {
  const told = Object.fromEntries(table.told());
  const ledger = table.ledger.entries();
  return {
    ...(Object.keys(told).length > 0 && { told }),
    ...(table.lastStop && { lastStop: table.lastStop }),
    ...(Object.keys(ledger).length > 0 && { ledger }),
  };
}

/** What runs were told, and spent, is forgotten when they have ended. */
export function forgetEnded(table: TaskTable, isLive: (run: string) => boolean): void {
  for (const run of table.told().keys()) if (!isLive(run)) table.told().delete(run);
  if (!table.ledger.isOpen(isLive)) table.ledger.close();
}

export function restoreRunFacts(table: TaskTable, facts: RunFacts): void {
  const { told = {}, lastStop, ledger = {} } = facts;
  for (const [run, telling] of Object.entries(told)) table.told().set(run, telling);
  table.lastStop = lastStop;
  table.ledger.restore(ledger);
}
