/** Set for a run that takes its time: long tests are as long as they can be. */
const THOROUGH = process.env.ORCH_TEST_THOROUGH === '1';

/** How large, how often or which, where more would find the same, only later. @param most with ORCH_TEST_THOROUGH=1. */
export function enough<T>(usual: T, most: T): T {
  return THOROUGH ? most : usual;
}
