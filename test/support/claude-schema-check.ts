type Json = Record<string, unknown>;

/** Bounds that structured output does not know. */
const UNSUPPORTED = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const UNSUPPORTED_TEXT = ['minLength', 'maxLength', 'maxItems', 'uniqueItems', 'pattern'];

/** What the documentation refuses in the `format` of structured output. */
export function formatViolations(format: unknown): string[] {
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.schema)) {
    return ['output_config.format must be { type: json_schema, schema }'];
  }
  const extra = Object.keys(format).filter((key) => key !== 'type' && key !== 'schema');
  return [
    ...extra.map((key) => `format.${key}: not permitted`),
    ...schemaViolations(format.schema, 'schema'),
    ...sizeViolations(format.schema),
  ];
}

/** What is counted over the whole of a schema, and what may stand nowhere in it. */
function sizeViolations(schema: Json): string[] {
  const all = [...objectsIn(schema)];
  const optional = all.flatMap(({ properties, required }) => {
    const names = isObject(properties) ? Object.keys(properties) : [];
    return names.filter((name) => !(Array.isArray(required) && required.includes(name)));
  });
  const unions = all.filter(({ anyOf, oneOf, type }) => anyOf || oneOf || Array.isArray(type));
  return [
    ...(optional.length > 24 ? [`${optional.length} optional parameters, at most 24`] : []),
    ...(unions.length > 16 ? [`${unions.length} unions, at most 16`] : []),
    ...(all.some(({ $ref }) => $ref === '#' || $ref === '#/') ? ['a schema that holds itself'] : []),
  ];
}

function* objectsIn(value: unknown): Generator<Json> {
  if (isObject(value)) yield value;
  if (isObject(value) || Array.isArray(value))
    for (const each of Object.values(value)) yield* objectsIn(each);
}

function schemaViolations(schema: Json, at: string): string[] {
  const found = [...UNSUPPORTED, ...UNSUPPORTED_TEXT]
    .filter((key) => key in schema)
    .map((key) => `${at}: ${key} is not supported`);
  if (schema.type === 'object' && schema.additionalProperties !== false) {
    found.push(`${at}: additionalProperties must be false`);
  }
  const children = { ...(isObject(schema.properties) ? schema.properties : {}), items: schema.items };
  for (const [name, child] of Object.entries(children)) {
    if (isObject(child)) found.push(...schemaViolations(child, `${at}.${name}`));
  }
  return found;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
