const CHUNK = 10_000;

/** Adds `n` small tasks, many at a time. */
export async function fill(store, n) {
  for (let begin = 0; begin < n; begin += CHUNK) {
    const length = Math.min(CHUNK, n - begin);
    await store.add(Array.from({ length }, (_, i) => ({ description: `Task number ${begin + i + 1}` })));
  }
}
