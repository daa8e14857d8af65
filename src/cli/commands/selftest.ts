import type { Command } from 'commander';
import { isOrchError } from '../../model/errors.ts';
import { isPostgres } from '../../stores/postgres/connection/location.ts';
import { contextOf, requireFile } from '../context.ts';
import { EXIT, SIGNAL_EXIT } from '../exit-codes.ts';
import { noteFitted } from '../fitted-lines.ts';
import { withHelp } from '../help.ts';
import { onInterruption } from '../interruption.ts';
import { print, printJson } from '../output.ts';
import { showProgress } from '../progress.ts';
import { safeText } from '../safe-text.ts';
import type { SelftestReport } from '../selftest/selftest.ts';
import { parsed, wholeNumber } from '../values.ts';

const DEFAULT_KILLS = 50;
const MOST_SEEDS = 2 ** 31;

interface SelftestOptions {
  kills: number;
  seed?: number;
}

export function registerSelftest(program: Command): void {
  const command = program
    .command('selftest')
    .description(
      'Proves on this disk, or in this database, that nothing is lost and nothing done twice: kills workers, stops them, plays power cuts or ends their connections, on scratch stores beside the store.',
    )
    .option('--kills <n>', 'workers to kill', parsed('--kills', wholeNumber(1)), DEFAULT_KILLS)
    .option('--seed <n>', 'the choices of an earlier self-test', parsed('--seed', wholeNumber(0)))
    .action(selftest);
  withHelp(command, { examples: ['orch selftest', 'orch selftest --kills 500 --seed 7'] });
}

async function selftest(options: SelftestOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const { store } = context;
  if (!isPostgres(store)) requireFile(store);
  const { kills, seed = Math.floor(Math.random() * MOST_SEEDS) } = options;
  const { selftest } = await import('../selftest/selftest.ts');
  const progress = showProgress(context);
  const { howFar } = await import('../selftest/lines.ts');
  progress.howFar = () => ({ text: 'starting' });
  // The scratch folder goes, whatever ends it.
  const interruption = onInterruption();
  try {
    const { signal } = interruption;
    const onProgress = (now: SelftestReport): void => {
      progress.howFar = () => howFar(now, kills);
    };
    const report = await selftest({ store, kills, seed, signal, onProgress });
    progress.end();
    if (report.violations.length > 0) process.exitCode = EXIT.failed;
    if (context.json) printJson(report);
    else await printLines(report, context.quiet);
  } catch (error) {
    progress.end();
    const { by } = interruption;
    if (!by) throw error;
    process.exitCode = SIGNAL_EXIT[by];
    noteFitted(`${by}: the self-test ended early, and proves nothing`);
    // It may not have been able to remove what it had made.
    if (isOrchError(error)) noteFitted(safeText(error.message));
  } finally {
    interruption.release();
  }
}

async function printLines(report: SelftestReport, quiet: boolean): Promise<void> {
  if (quiet && report.violations.length === 0) return;
  const { selftestLines } = await import('../selftest/lines.ts');
  for (const line of selftestLines(report)) print(safeText(line));
}
