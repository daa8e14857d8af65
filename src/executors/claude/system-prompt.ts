/** Says that the reply is the result, since nobody is there to cut off what surrounds it. Another text may take its place. */
export const EXECUTOR_SYSTEM = `You do one task. Your reply is kept as its result, word for word.
Give the result alone: no preamble, no remarks about how you made it, no questions back.`;
