import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { messageOf, OrchError } from '../../model/errors.ts';

/** A JSON Schema 2020-12, as it is kept with its task. */
type JsonSchema = Record<string, unknown>;

/**
 * What validates by a schema, and finds all errors. As the standard has it, `format` and unknown keywords say nothing. Nothing
 * is loaded from elsewhere: a `$ref` must lead to a place within the schema.
 * @throws `usage`: it is no JSON Schema 2020-12.
 */
export function compileSchema(schema: JsonSchema): ValidateFunction {
  try {
    // One for each schema: two may have the same $id.
    const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false, logger: false });
    const validate = ajv.compile(schema);
    // An answer of ajv's own that comes later would be taken for a pass.
    if ('$async' in validate && validate.$async) throw new Error('$async is none of its keywords');
    return validate;
  } catch (error) {
    const message = `The schema is no JSON Schema 2020-12 (${messageOf(error)}); correct it`;
    throw new OrchError('usage', message, { cause: error });
  }
}
