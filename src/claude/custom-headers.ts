/** ANTHROPIC_CUSTOM_HEADERS as the SDK reads it, `Name: value` a line, without the headers that have no value. */
export function customHeaders(env: NodeJS.ProcessEnv): [name: string, value: string][] {
  const lines = env.ANTHROPIC_CUSTOM_HEADERS?.split('\n') ?? [];
  return lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).trim();
    return colon >= 0 && value !== '' ? [[line.slice(0, colon).trim(), value]] : [];
  });
}
