import type { Command } from 'commander';
import type { Task } from '../model/task.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { isPostgres, shownStore } from '../stores/postgres/connection/location.ts';
import { type Config, loadConfig } from './config.ts';
import { noteFitted } from './fitted-lines.ts';
import { whileWaiting } from './progress.ts';
import { oneLine } from './safe-text.ts';
import { type Paint, paint, type Stream, wantsColour } from './terminal.ts';
import { contradiction, usage } from './values.ts';

export const DEFAULT_STORE = 'tasks.json';

/** What every command knows: the global options, after environment and config file. */
export interface Context {
  /** May hold a password: `nameOfStore` is for people. */
  store: string;
  json: boolean;
  quiet: boolean;
  /** What was wrong with a task is shown in full. */
  verbose: boolean;
  config: Config | undefined;
  env: NodeJS.ProcessEnv;
  /** The tasks are worked on in a copy, of which nothing is kept. */
  isCopy?: boolean;
  /** With `--json`: instead of printing events, a run hands over each task that has ended. */
  onTaskEnd?: (task: Task) => void;
  /** The store goes when the command ends: no command is suggested for it. */
  isScratch?: boolean;
  /** Colours for standard output. */
  paint: Paint;
  /** The same for standard error. */
  paintError(): Promise<Paint>;
}

interface GlobalOptions {
  store?: string;
  config?: string;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  color: boolean;
}

/** @param withConfig without it, the config file is not looked at. */
export async function contextOf(command: Command, withConfig = true): Promise<Context> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { env } = process;
  if (options.quiet && options.verbose) throw contradiction('--quiet', '--verbose');
  const { store, config } = await storeAndConfig(options, env, withConfig);
  if (store === '')
    throw usage('Expected --store to be the path of a JSON file or postgres://..., got a blank one');
  const paintFor = (stream: Stream): Promise<Paint> =>
    paint(options.color && !options.json && wantsColour(stream, env));
  return {
    store,
    config,
    env,
    json: options.json ?? false,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
    paint: await paintFor(process.stdout),
    paintError: () => paintFor(process.stderr),
  };
}

/** The store's place and the config file that a line means, which may also leave both to the environment. @param withConfig without it, the config file is not looked at. @throws `usage` */
export async function storeAndConfig(
  given: { store?: string | undefined; config?: string | undefined },
  env: NodeJS.ProcessEnv,
  withConfig = true,
): Promise<{ store: string; config: Config | undefined }> {
  const config = withConfig ? await loadConfig(given.config ?? (env.ORCH_CONFIG || undefined)) : undefined;
  return { store: given.store ?? (env.ORCH_STORE || config?.store || DEFAULT_STORE), config };
}

/** Opens the store, hands it over, and closes it whatever happens. */
export async function withStore<T>(
  context: Context,
  use: (store: TaskStore) => Promise<T>,
  { create = false }: { create?: boolean } = {},
): Promise<T> {
  const opening = `opening ${oneLine(nameOfStore(context))}`;
  const store = await whileWaiting(context, opening, () => openStore(context, create));
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function openStore(context: Context, create: boolean): Promise<TaskStore> {
  const { store } = context;
  if (isPostgres(store)) {
    const { PostgresTaskStore } = await import('../stores/postgres/postgres-task-store.ts');
    return PostgresTaskStore.connect(store, { create, onOutage: (sentence) => remark(context, sentence) });
  }
  requireFile(store);
  const { JsonTaskStore } = await import('../stores/json/json-task-store.ts');
  return JsonTaskStore.open(store, { create });
}

/** @throws `usage`: the store is of another kind than a JSON file. */
export function requireFile(store: string): void {
  if (/^["'\s]+\w+:\/\//.test(store))
    throw usage('The store begins with a quote or a blank; give its URL without any');
  const [scheme] = /^([a-z][a-z0-9+.:-]*:\/\/|postgres(ql)?:)/i.exec(store) ?? [];
  if (scheme === undefined) return;
  const way = isPostgres(store)
    ? 'this works on the files of a store alone; give the path of a JSON file'
    : 'it is of a kind that orch does not know; give the path of a JSON file, or postgres://...';
  throw usage(`The store is ${scheme}...: ${way}`);
}

/** What only a person wants to know, such as that nothing was found: on standard error, not with `-q` or `--json`. */
export function remark({ json, quiet }: Context, line: string): void {
  if (!json && !quiet) noteFitted(line);
}

/** How the store is called in what people see: no password is in it. */
export function nameOfStore({ store }: Context): string {
  return shownStore(store);
}

/** `orch show task-003`, with the store named where it is not the usual one: to be copied and run. Never with a password. */
export function hint(context: Context, command: string): string {
  // Started by npm, orch lies in node_modules, where a shell does not find it by itself.
  const orch = context.env.npm_command === undefined ? 'orch' : 'npx orch';
  return isNamedAlready(context)
    ? `${orch} ${command}`
    : `${orch} --store ${shellWord(nameOfStore(context))} ${command}`;
}

/** A database that the environment or the config file names is meant by the next command too, password and all. */
function isNamedAlready({ store, env, config }: Context): boolean {
  if (store === DEFAULT_STORE) return true;
  return isPostgres(store) && (store === env.ORCH_STORE || (!env.ORCH_STORE && store === config?.store));
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
