import type { Command } from 'commander';
import { withHelp } from '../help.ts';
import type { MigrateOptions } from '../migrate/migrate.ts';
import { parsed, someText } from '../values.ts';

export function registerMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .summary('copies all tasks into another store')
    .description(
      'Copies all tasks, history and ids included, into another store: from a file to a database, back, or between two of a kind. No run may work on the first one. Said again, it goes on where it was interrupted.',
    )
    .option('--from <location>', 'a file or postgres://...; default: the store', parsed('--from', someText))
    .option('--to <location>', 'the same; made where it is not there', parsed('--to', someText))
    .action(async (options: MigrateOptions) => {
      const { migrate } = await import('../migrate/migrate.ts');
      await migrate(options, command);
    });
  withHelp(command, {
    examples: [
      'orch migrate --from tasks.json --to postgres://orch@db.example/tasks',
      'orch migrate --from postgres://orch@db.example/tasks --to backup.json',
    ],
  });
}
