import fc from 'fast-check';
import { expect, test } from 'vitest';
import { soundNewTask } from '../../src/stores/check-task.ts';

test('metadata is taken as JSON gives it back, apart from what its maker may go on changing', () => {
  const values = [
    fc.string(),
    fc.boolean(),
    fc.double(),
    fc.constant(-0),
    fc.constant(null),
    fc.date(),
    fc.constant(undefined),
  ];
  const metadata = fc.oneof(
    fc.object({ values }),
    fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())),
  );
  const property = fc.property(metadata, (given) => {
    const read = JSON.parse(JSON.stringify(given));
    const { metadata: kept } = soundNewTask(
      { description: 'x', metadata: given as Record<string, unknown> },
      'id',
    );
    expect(kept).toEqual(read);
    expect(JSON.stringify(kept)).toBe(JSON.stringify(read));
    Object.assign(given, { more: 'later' });
    expect(kept).toEqual(read);
  });
  fc.assert(property);
});
