/**
 * The element of a list at an index that lies in it: a wrong index is a bug, and ends as one instead of as `undefined`.
 * For where a check costs nothing; inner loops over numbers read by `!`.
 * @throws RangeError where the list has no such element.
 * @example
 * elementAt([5, 7], 1); // 7
 */
export function elementAt<T>(list: ArrayLike<T>, index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError(`no element at ${index} of a list of ${list.length}`);
  return element;
}
