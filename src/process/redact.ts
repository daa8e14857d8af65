/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** Where there are none to be taken out. */
export const asItIs: Redact = (text) => text;
