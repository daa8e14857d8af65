import { closeSync, lstatSync, openSync, readSync } from 'node:fs';
import type { Context } from '../context.ts';
import { removeFile, requireWritable } from '../output-file.ts';
import type { RunSettings } from '../run-options.ts';
import { reportPaths } from './report-paths.ts';

/** How our reports begin, whatever is in them. */
const BEGINNINGS = [
  '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="orch"',
  '## ✓ orch: ',
  '## ✗ orch: ',
];
const BEGINNING_BYTES = 100;

/**
 * Makes way for the reports of a run, as soon as it is known where they go. Those of an earlier run are removed: where this one ends before it
 * can leave any, they would be taken for its own. What is no report of ours stays until it is replaced, and a link stays with what it leads to.
 * @throws `usage`: one of them cannot be written.
 */
export function removeOldReports(context: Context, settings: RunSettings): void {
  const { junit, summary } = reportPaths(context, settings);
  const paths = [junit, summary].filter((path) => path !== undefined);
  for (const path of paths) if (isReport(path)) removeFile(path);
  paths.forEach(requireWritable);
}

function isReport(path: string): boolean {
  try {
    if (!lstatSync(path).isFile()) return false;
    const beginning = beginningOf(path);
    return BEGINNINGS.some((each) => beginning.startsWith(each));
  } catch {
    return false;
  }
}

function beginningOf(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(BEGINNING_BYTES);
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
