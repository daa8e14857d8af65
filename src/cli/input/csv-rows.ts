import { messageOf } from '../../model/errors.ts';
import { usage } from '../values.ts';
import { partsOf, type Source } from './source.ts';
import { isTaskField } from './task-row.ts';

/** The parser's words for what it did not expect; others are told as they are. */
const WORDS: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field that begins in this row does not end; close its quotes',
  CSV_INVALID_CLOSING_QUOTE: 'a quoted field goes on behind its closing quotes; write quotes within it twice',
  INVALID_OPENING_QUOTE: 'a field that is not quoted holds quotes; quote it, and write those within it twice',
};

/** The fields of a task that are no texts. In csv they are written as they are in JSON. */
const NO_TEXTS = new Set(['priority', 'maxAttempts', 'schema', 'metadata']);

/**
 * Calls `take` with each row as an object, and the number of the line in which it begins. The first row names the fields; blank lines are
 * passed over.
 * @throws `usage`: it is no csv, or a row has more or fewer fields than the first.
 */
export async function eachCsvRow(
  source: Source,
  take: (row: Record<string, unknown>, line: number) => void,
): Promise<void> {
  const { parse } = await import('csv-parse');
  let header: string[] | undefined;
  let begins = 1;
  const onRecord = (cells: string[], { lines }: { lines: number }): null => {
    const line = begins;
    begins = lines + 1;
    // So a blank line looks.
    if (cells.length === 1 && cells[0]?.trim() === '') return null;
    const place = `${source.name}, line ${line}`;
    if (header) take(rowOf(header, cells, place), line);
    else header = headerOf(cells, place);
    return null;
  };
  const parser = parse({
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    on_record: onRecord,
  });
  const done = Promise.withResolvers<void>();
  parser.on('error', done.reject).on('end', done.resolve).resume();
  // Whoever fails first is told below.
  done.promise.catch(() => undefined);
  try {
    for await (const { bytes } of partsOf(source)) {
      if (!parser.write(bytes))
        await Promise.race([done.promise, new Promise((drained) => parser.once('drain', drained))]);
    }
    parser.end();
    await done.promise;
  } catch (error) {
    throw explained(error, `${source.name}, line ${begins}`);
  }
}

function explained(error: unknown, place: string): unknown {
  const { code } = error as { code?: string };
  if (code === undefined || !/^(CSV_|INVALID_)/.test(code)) return error;
  return usage(`${place}: ${WORDS[code] ?? `this is no csv (${messageOf(error)})`}`);
}

function headerOf(cells: string[], place: string): string[] {
  const names = cells.map((cell) => cell.trim());
  const blank = names.indexOf('') + 1;
  if (blank > 0) throw usage(`${place}: column ${blank} has no name; the first row names the fields`);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw usage(`${place}: two columns are called ${JSON.stringify(twice)}; rename one`);
  return names;
}

function rowOf(header: string[], cells: string[], place: string): Record<string, unknown> {
  if (cells.length !== header.length) {
    const wanted = `${header.length} ${header.length === 1 ? 'field' : 'fields'}`;
    throw usage(`${place}: expected ${wanted} as in the first row, got ${cells.length}`);
  }
  return Object.fromEntries(header.map((name, i) => [name, fieldOf(name, cells[i] ?? '')]));
}

/** A row with an empty cell does not have that field of a task. */
function fieldOf(name: string, cell: string): unknown {
  if (!isTaskField(name)) return cell;
  if (cell === '') return null;
  if (!NO_TEXTS.has(name)) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
