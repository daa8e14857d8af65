/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** Where there are none to be taken out, or none that are to be. */
export const asItIs: Redact = (text) => text;
