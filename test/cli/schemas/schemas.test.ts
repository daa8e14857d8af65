import { beforeEach, describe, expect, test, vi } from 'vitest';
import { printJson } from '../../../src/cli/output.ts';
import { JsonReporter } from '../../../src/cli/reporters/json.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { EVENT_NAMES, events, modelState, status, task, WORDS } from './samples.ts';
import { compile, type DocumentName, faults, propertiesOf, readSchemas } from './validators.ts';

const schemas = readSchemas();
const names = Object.keys(schemas) as DocumentName[];

/** What the code prints of the samples, by the schema that describes it. */
const printed: Record<DocumentName, JsonObject[]> = { task: [], event: [], status: [], error: [] };

beforeEach(() => {
  for (const name of names) printed[name] = [];
  const into = (name: DocumentName) =>
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      printed[name].push(JSON.parse(String(line)));
      return true;
    });
  into('task');
  printJson(task);
  into('status');
  printJson({ ...status, tasks: [] });
  into('error');
  printJson({ error: { code: 'usage', message: 'm' } });
  const write = into('event');
  const reporter = new JsonReporter();
  const long = 'x'.repeat(5_000);
  reporter.onEvent({ event: 'task:release', at: '2026-11-25T10:00:00.000Z', run: 'r', task, reason: long });
  reporter.onEvent({ ...events[1], task: { ...task, result: long } } as (typeof events)[number]);
  reporter.onLimits(() => [modelState]);
  for (const event of events) reporter.onEvent(event);
  write.mockRestore();
});

describe('each schema', () => {
  test('has a stable id of its own', () => {
    expect(names.toSorted()).toEqual(['error', 'event', 'status', 'task']);
    for (const name of names) expect(schemas[name].$id).toBe(`urn:orch:schema:1:${name}`);
  });

  test('says of each field what it is', () => {
    const silent = names.flatMap((name) =>
      propertiesOf(schemas[name], `${name}#`).filter(({ holder, name: field }) => {
        const property = holder[field];
        // Which event it is, its own description says.
        const isName = field === 'event' && isJsonObject(property) && 'const' in property;
        return !isName && !(isJsonObject(property) && typeof property.description === 'string');
      }),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('knows the words that the code has, and no others', () => {
    const enums: Record<string, unknown> = {};
    for (const name of names) {
      for (const { path, holder, name: field } of propertiesOf(schemas[name], `${name}#`)) {
        const property = holder[field];
        if (isJsonObject(property) && Array.isArray(property.enum)) enums[path] = property.enum.toSorted();
      }
    }
    const words = Object.entries(WORDS).map(([path, known]) => [path, known.toSorted()]);
    expect(enums).toEqual(Object.fromEntries(words));
  });
});

describe('what the code prints', () => {
  test('fits, every event and every field that a type has', () => {
    const validators = compile(schemas);
    for (const name of names) {
      for (const document of printed[name]) expect(faults(validators[name], document)).toEqual([]);
    }
    const seen = new Set(printed.event.map(({ event }) => event));
    expect(seen).toEqual(new Set([...EVENT_NAMES, 'api:limit']));
  });

  test('a field that is not documented does not fit, wherever it stands', () => {
    const validators = compile(schemas);
    const accepted: string[] = [];
    for (const name of names) {
      for (const document of printed[name]) {
        for (const { path, copy } of withOneMore(document)) {
          if (validators[name](copy)) accepted.push(`${name} ${document.event ?? ''} ${path}`);
        }
      }
    }
    expect(accepted).toEqual([]);
  });

  test('an event that is not documented does not fit, nor another version', () => {
    const validators = compile(schemas);
    const [first = {}] = printed.event;
    expect(validators.event({ ...first, event: 'task:new' })).toBe(false);
    expect(validators.event({ ...first, event: 'run:pause' })).toBe(false);
    expect(validators.event({ ...first, schemaVersion: 2 })).toBe(false);
  });

  test('each field that is documented is one of those', () => {
    const marked = readSchemas();
    const places = names.flatMap((name) => propertiesOf(marked[name], `${name}#`));
    // The validator tells of each comment that it comes by.
    for (const { path, name, holder } of places)
      Object.assign(holder[name] as JsonObject, { $comment: path });
    const seen = new Set<string>();
    const validators = compile(marked, (comment) => seen.add(comment));
    for (const name of names) for (const document of printed[name]) validators[name](document);
    const needless = places.map(({ path }) => path).filter((path) => !seen.has(path));
    expect(needless).toEqual([]);
  });
});

/** Objects that hold whatever somebody put there. */
const OPEN = ['metadata', 'judge', 'schema', 'files', 'limits', 'holds'];

/** Copies of a document, each with a field too many in one of its objects. */
function withOneMore(document: JsonObject): Array<{ path: string; copy: JsonObject }> {
  const copies: ReturnType<typeof withOneMore> = [{ path: '', copy: { ...document, more: 1 } }];
  for (const [key, value] of Object.entries(document)) {
    if (!isJsonObject(value) || OPEN.includes(key)) continue;
    if (Array.isArray(value) && !value.some(isJsonObject)) continue;
    for (const { path, copy } of withOneMore(value)) {
      if (path === '' && Array.isArray(value)) continue;
      const whole = Array.isArray(value) ? Object.assign([...value], copy) : copy;
      copies.push({ path: `${path}/${key}`, copy: { ...document, [key]: whole } });
    }
  }
  return copies;
}
