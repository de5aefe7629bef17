/** Adds decimal texts exactly; the result has the most decimals of any of them. */
export function addDecimals(texts: readonly string[]): string {
  const decimals = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  let sum = 0n;
  for (const text of texts) {
    const [whole = '0', part = ''] = text.split('.');
    const scaled = BigInt(whole.replace('-', '') + part.padEnd(decimals, '0'));
    sum += text.startsWith('-') ? -scaled : scaled;
  }
  const digits = String(sum < 0n ? -sum : sum).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const text = decimals === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return sum < 0n ? `-${text}` : text;
}
