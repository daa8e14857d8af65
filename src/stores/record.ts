import type { StopReason } from '../model/event.ts';
import type { Checkpoint, Finding, Settlement } from '../model/settlement.ts';
import type { Lease, NewTask, Task, TaskEdit } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';
import type { RunCommand } from '../ports/task-store.ts';
import type { LedgerRecord } from './ledger.ts';

/**
 * The smallest changes of a table: what it holds is a pure fold over them. What was decided (who gets a task, what becomes of
 * it) stands in the record, so that folding it again, by a later orch too, comes to the same. Times are ISO 8601 in UTC.
 */
export type TableRecord =
  | { op: 'add'; at: string; task: NewTask & { id: string } }
  /** A whole task, from another store. */
  | { op: 'import'; task: Task }
  | { op: 'claim'; lease: Lease }
  | { op: 'renew'; ids: string[]; expiresAt: string }
  | { op: 'checkpoint'; id: string; checkpoint: Checkpoint }
  | { op: 'settle'; id: string; at: string; settlement: Settlement }
  /** `usage`: of calls that were under way when its run died. */
  | { op: 'reset'; id: string; at: string; usage?: Usage }
  /** One more round. `feedback`: what is to be better. */
  | { op: 'retry'; id: string; feedback?: string }
  | { op: 'edit'; id: string; at: string; edit: TaskEdit }
  | { op: 'reopen'; id: string; at: string; finding: Finding }
  | { op: 'remove'; id: string }
  | { op: 'control'; command: RunCommand; runs: string[] }
  /** A run has left; `stop`: what stopped it. */
  | { op: 'left'; run: string; at: string; stop?: StopReason }
  /** What stopped the last run is past: another one has begun, or all tasks were reset. */
  | { op: 'unstop' }
  | LedgerRecord;
