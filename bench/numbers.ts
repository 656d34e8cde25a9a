/** The numbers from 0 up to, not including, `n`. */
export function numbers(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
