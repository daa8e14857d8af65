import { messageOf } from '../../model/errors.ts';
import { usage } from '../values.ts';
import { readFileText } from './read-text.ts';

type Schema = Record<string, unknown>;

/** The JSON Schema in a file. @throws `usage`: it cannot be read, or is none. */
export async function readSchema(path: string): Promise<Schema> {
  const schema = parse(await readFileText(path), path);
  await requireSchema(schema, path);
  return schema;
}

/** The schemas that rows bring with them: each is looked at once. */
export class RowSchemas {
  readonly #placeOf: (index: number) => string | undefined;
  /** By their text, the first row of each. */
  readonly #first = new Map<string, number>();

  constructor(placeOf: (index: number) => string | undefined) {
    this.#placeOf = placeOf;
  }

  take(schema: Schema, index: number): void {
    const text = JSON.stringify(schema);
    if (!this.#first.has(text)) this.#first.set(text, index);
  }

  /** To be called when all rows have been read. @throws `usage`: one is no schema, with its place. */
  async check(): Promise<void> {
    for (const [text, index] of this.#first)
      await requireSchema(JSON.parse(text), this.#placeOf(index) ?? '"schema"');
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
