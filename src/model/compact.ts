/** Without the properties that are undefined: an absent value is left out. */
export function compact<T extends object>(object: T): T {
  // A task may have a field of a person's own with the one name that cannot be assigned.
  if (Object.hasOwn(object, '__proto__')) {
    return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
  }
  const kept: Partial<T> = {};
  for (const key in object) if (object[key] !== undefined) kept[key] = object[key];
  return kept as T;
}
