import { messageOf } from '../../model/errors.ts';
import { usage } from '../values.ts';
import type { Rows } from './parse-tasks.ts';
import { readFileText } from './read-text.ts';

type Schema = Record<string, unknown>;

/** The JSON Schema in a file. @throws `usage`: it cannot be read, or is none. */
export async function readSchema(path: string): Promise<Schema> {
  const schema = parse(await readFileText(path), path);
  await requireSchema(schema, path);
  return schema;
}

/** Refuses rows of which one has a schema that is none. @throws `usage`, with its place. */
export async function requireSchemas({ tasks, placeOf }: Rows): Promise<void> {
  const seen = new Set<string>();
  for (const [index, { schema }] of tasks.entries()) {
    if (schema === undefined) continue;
    const text = JSON.stringify(schema);
    if (!seen.has(text)) await requireSchema(schema, placeOf(index) ?? '"schema"');
    seen.add(text);
  }
}

/** Loads ajv, which takes a while: only where there is a schema. @throws `usage` */
export async function requireSchema(schema: Schema, name: string): Promise<void> {
  const { compileSchema } = await import('../../verifiers/schema/compile.ts');
  try {
    compileSchema(schema);
  } catch (error) {
    throw usage(`${name}: ${messageOf(error)}`);
  }
}

function parse(text: string, path: string): Schema {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    throw usage(`${path} is not JSON (${messageOf(error)}); write a JSON Schema into it`);
  }
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as Schema;
  throw usage(`Expected ${path} to be an object with a JSON Schema, got ${JSON.stringify(schema)}`);
}
