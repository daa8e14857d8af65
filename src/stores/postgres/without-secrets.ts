/** A text without the password that a URL holds, as it stands there or as it is meant. */
export function withoutSecrets(text: string, url: string): string {
  const password = URL.parse(url)?.password;
  if (!password) return text;
  return [password, decoded(password)].reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
