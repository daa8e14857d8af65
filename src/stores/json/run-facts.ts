import type { TableRecord } from '../record.ts';
import type { TaskTable } from '../task-table.ts';
import type { Head } from './journal/journal-record.ts';

/** What is about runs and not about tasks stands in journals alone. A journal's head has what there was before it. */
type RunFacts = Pick<Head, 'told' | 'lastStop' | 'ledger'>;

const ABOUT_RUNS: ReadonlySet<TableRecord['op']> = new Set(['control', 'left', 'join', 'reserve', 'spend']);

export function isAboutRuns({ op }: TableRecord): boolean {
  return ABOUT_RUNS.has(op);
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

export function restoreRunFacts(table: TaskTable, facts: RunFacts): void {
  const { told = {}, lastStop, ledger = {} } = facts;
  for (const [run, telling] of Object.entries(told)) table.told().set(run, telling);
  table.lastStop = lastStop;
  table.ledger.restore(ledger);
}
