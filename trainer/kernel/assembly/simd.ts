/** a·b + c in four lanes. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}

/** Stores two vectors as eight consecutive floats. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function store2(at: usize, a: v128, b: v128): void {
  v128.store(at, a);
  v128.store(at, b, 16);
}
