/** SQL of a value drawn by its share. @param uniform SQL of a number in [0, 1). */
export function oneOf(shares: Readonly<Record<string, number>>, uniform: string): string {
  const values = Object.keys(shares);
  let below = 0;
  const cases = values.slice(0, -1).map((value) => {
    below += shares[value]!;
    return `WHEN ${uniform} < ${below} THEN '${value}'`;
  });
  return `CASE ${cases.join(' ')} ELSE '${values.at(-1)}' END`;
}
