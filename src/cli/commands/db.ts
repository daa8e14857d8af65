import { Argument, type Command } from 'commander';
import { isPostgres } from '../../stores/postgres/connection/location.ts';
import { contextOf, nameOfStore, remark } from '../context.ts';
import { withHelp } from '../help.ts';
import { print, printJson, printRaw } from '../output.ts';
import { whileWaiting } from '../progress.ts';
import { oneOf, parsed, usage } from '../values.ts';

interface DbOptions {
  dryRun?: boolean;
  recount?: boolean;
}

export function registerDb(program: Command): void {
  const command = program
    .command('db')
    .summary("makes or updates a database's tables")
    .description(
      'Makes the tables of a store on Postgres, or brings them up to date. Other commands do the same when they find it undone; this one is for a role that may, so that those which run tasks need not.',
    )
    .addArgument(new Argument('<action>', 'migrate').argParser(parsed('<action>', oneOf(['migrate']))))
    .option('--dry-run', 'print the SQL that would be run, for psql; change nothing')
    .option('--recount', 'count the tasks anew, where `orch doctor` says that the counts are wrong')
    .action(migrate);
  withHelp(command, {
    examples: [
      'orch --store postgres://owner@db.example/tasks db migrate',
      'orch db migrate --dry-run | psql "$ORCH_STORE"',
    ],
  });
}

async function migrate(
  _action: string,
  { dryRun = false, recount = false }: DbOptions,
  command: Command,
): Promise<void> {
  const context = await contextOf(command);
  if (!isPostgres(context.store)) {
    throw usage('A store in a file has no tables to be made; give --store postgres://..., or leave this out');
  }
  const { migrateDatabase } = await import('../../stores/postgres/migration/migrate-database.ts');
  const { steps, script } = await whileWaiting(context, `looking at ${nameOfStore(context)}`, () =>
    migrateDatabase(context.store, { dryRun }),
  );
  if (recount && !dryRun) {
    const { recountDatabase } = await import('../../stores/postgres/migration/recount-database.ts');
    await recountDatabase(context.store);
    if (!context.json && !context.quiet) print('Counted anew');
  }
  if (context.json) {
    const schemas = steps.map(({ schema, from, to }) => ({ schema, from: from ?? null, to }));
    return printJson({ migrated: dryRun ? [] : schemas, ...(dryRun && { planned: schemas, sql: script }) });
  }
  if (dryRun) printRaw(script);
  if (steps.length === 0 && recount) return;
  if (steps.length === 0) return remark(context, `Nothing to do: ${nameOfStore(context)} is up to date`);
  if (dryRun || context.quiet) return;
  for (const { schema, from, to } of steps) {
    print(
      from === undefined
        ? `Schema ${schema} made, version ${to}`
        : `Schema ${schema}: version ${from} -> ${to}`,
    );
  }
}
