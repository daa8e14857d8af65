import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject } from './json-object.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/schemas/', import.meta.url));
/** As every time that orch writes. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export type DocumentName = 'task' | 'event' | 'status' | 'error';
export type Schemas = Record<DocumentName, JsonObject>;

/** The published schemas, read anew, so that a test may change its own. */
export function readSchemas(): Schemas {
  const files = readdirSync(FOLDER).map((name) => [
    name.replace(/\.schema\.json$/, ''),
    JSON.parse(readFileSync(join(FOLDER, name), 'utf8')),
  ]);
  return Object.fromEntries(files);
}

export type Validators = Record<DocumentName, ValidateFunction>;

/** @param onComment told of each `$comment` that a document comes by. */
export function compile(
  schemas: Schemas,
  onComment: (comment: string) => void = () => undefined,
): Validators {
  const formats = { 'date-time': TIME };
  const ajv = new Ajv2020({ formats, strictTypes: false, strictRequired: false, $comment: onComment });
  for (const schema of Object.values(schemas)) ajv.addSchema(schema);
  const validators = Object.entries(schemas).map(([name, { $id }]) => [name, ajv.getSchema(String($id))]);
  return Object.fromEntries(validators);
}

/** What is wrong with a document, for a test to show; empty where it fits. */
export function faults(validate: ValidateFunction, document: unknown): string[] {
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Every object in a schema that says what a property is, and the object that holds it. */
export function propertiesOf(
  schema: unknown,
  path = '',
): Array<{ path: string; name: string; holder: JsonObject }> {
  if (!isJsonObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const below = propertiesOf(value, `${path}/${key}`);
    if (key !== 'properties' || !isJsonObject(value)) return below;
    const own = Object.keys(value).map((name) => ({ path: `${path}/${key}/${name}`, name, holder: value }));
    return [...own, ...below];
  });
}
