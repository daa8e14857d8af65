import type { Command } from 'commander';
import { contextOf, withStore } from '../context.ts';
import { withHelp } from '../help.ts';
import { print, printJson } from '../output.ts';
import { statusDocument } from '../status-document.ts';
import { MOST, statusLines } from '../status-lines.ts';
import { survey } from '../survey.ts';
import { columnsOf } from '../terminal.ts';

export function registerStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('how many tasks are in which state, what runs, what failed')
    .description('Says how many tasks are in which state, what runs, and what failed and why.')
    .action(status);
  withHelp(command, { examples: ['orch status', 'orch status --json | jq .counts'] });
}

async function status(_options: object, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const found = await survey(store, context.json ? {} : { most: MOST });
    const runs = await store.runs();
    const pool = await store.pool();
    // Where nothing is left to do, it kept nothing from being done.
    const isLeft = found.counts.pending + found.counts.in_progress > 0;
    const lastStop = isLeft ? await store.lastStop() : undefined;
    const seen = { runs, pool, lastStop };
    if (context.json) return printJson(statusDocument(found, seen));
    const { quiet, paint } = context;
    const options = { quiet, paint, columns: columnsOf(process.stdout), now: Date.now() };
    for (const line of statusLines(found, seen, options)) print(line);
  });
}
