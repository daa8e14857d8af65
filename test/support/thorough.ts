/** Set for a run that takes its time: long tests are as long as they can be. */
const THOROUGH = process.env.ORCH_TEST_THOROUGH === '1';

/** How large or how often, where more would find the same, only later. @param most with ORCH_TEST_THOROUGH=1. */
export function enough(usual: number, most: number): number {
  return THOROUGH ? most : usual;
}
