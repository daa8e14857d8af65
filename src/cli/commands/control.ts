import type { Command } from 'commander';
import { RUN_COMMANDS } from '../../ports/task-store.ts';
import { contextOf, nameOfStore, withStore } from '../context.ts';
import { noteFitted, printFitted } from '../fitted-lines.ts';
import { count, nameSome } from '../format.ts';
import { withHelp } from '../help.ts';
import { printJson } from '../output.ts';
import { oneLine } from '../safe-text.ts';

type PersonsCommand = (typeof RUN_COMMANDS)[number];

const DESCRIPTIONS: Record<PersonsCommand, string> = {
  pause: 'Tells the runs that work on the store now to start nothing until orch resume; what runs goes on.',
  resume: 'Tells the runs that were paused to go on.',
  stop: 'Tells the runs that work on the store now to end; what runs may finish.',
};

/** `orch pause`, `orch resume` and `orch stop`. */
export function registerControl(program: Command): void {
  for (const name of RUN_COMMANDS) {
    const command = program
      .command(name)
      .description(DESCRIPTIONS[name])
      .action((_options: object, command: Command) => tell(name, command));
    withHelp(command, { examples: [`orch ${name}`] });
  }
}

async function tell(name: PersonsCommand, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const runs = await store.control(name);
    if (context.json) return printJson({ command: name, runs });
    if (context.quiet) return;
    const ids = runs.map((run) => oneLine(run.id));
    if (ids.length > 0) printFitted(`${count(ids.length, 'run')} told to ${name}: ${nameSome(ids)}`);
    else noteFitted(`No run works on ${oneLine(nameOfStore(context))}: there is nothing to ${name}`);
  });
}
