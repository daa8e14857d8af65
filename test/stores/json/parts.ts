import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Diagnosis } from '../../../src/stores/diagnosis.ts';
import { inspectStore } from '../../../src/stores/json/doctor/doctor.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { claimOne, done, runInfo } from '../../support/store-parts.ts';

export function newPath(): string {
  return join(scratchFolder(), 'tasks.json');
}

/** Closed when the test ends. It does not wait before it reads a broken file again. */
export async function open(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, { sleep: async () => {} });
  onTestFinished(() => store.close());
  return store;
}

/** Adds tasks with these descriptions, and ends: the journal is folded. @returns their ids. */
export async function addAndClose(path: string, ...descriptions: string[]): Promise<string[]> {
  const store = await JsonTaskStore.open(path);
  const tasks = await store.add(descriptions.map((description) => ({ description })));
  await store.close();
  return tasks.map(({ id }) => id);
}

/** An idle store with the tasks `one` and `two`. */
export async function idleStore(): Promise<string> {
  const path = newPath();
  await addAndClose(path, 'one', 'two');
  return path;
}

/** The same, whose journal holds changes: `task-001` was completed, `three` was added. Nothing lives on it but the open store. */
export async function storeWithChanges(): Promise<{ path: string; store: JsonTaskStore }> {
  const path = await idleStore();
  const store = await open(path);
  await store.join(runInfo('a'));
  const { lease } = await claimOne(store, 'a');
  await store.settle(lease, done('result of one'));
  await store.leave('a');
  await store.add([{ description: 'three' }]);
  return { path, store };
}

/** Replaces a part of a file in place, as some editors save. */
export function edit(path: string, from: string, to: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

/** Puts a new file in the place of the old one, as other editors save. */
export function replace(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.swp`, content);
  renameSync(`${path}.swp`, path);
}

export function read(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

export function journalLines(path: string): string[] {
  return readFileSync(`${path}.journal`, 'utf8').split('\n').slice(0, -1);
}

/** All files of the store's folder, but for locks, by name. */
export function filesBeside(path: string): Record<string, string> {
  const names = readdirSync(dirname(path)).filter((name) => !name.endsWith('.lock'));
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(dirname(path), name), 'utf8')]),
  );
}

/** What is wrong, as `check: text`. */
export async function problems(path: string): Promise<string[]> {
  const found = await inspectStore(path);
  return found.filter(({ ok }) => !ok).map(({ check, text }) => `${check}: ${text}`);
}

export function named(found: Diagnosis[], check: string): Diagnosis {
  const one = found.find((each) => each.check === check);
  if (!one) throw new Error(`nothing was said of ${check}`);
  return one;
}
