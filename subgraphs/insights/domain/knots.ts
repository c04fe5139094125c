/** A piecewise-linear curve: points of (measured value, score 0–100), by rising value; flat outside its ends. */
export type Knots = readonly (readonly [value: number, score: number])[]

/** Reads the curve at a value. @returns a score from 0 to 100 */
export const scoreAt = (knots: Knots, value: number): number => {
  const after = knots.findIndex(([at]) => value <= at)
  if (after === -1) return knots.at(-1)![1]
  const [x1, y1] = knots[after]!
  if (after === 0) return y1
  const [x0, y0] = knots[after - 1]!
  return y0 + ((value - x0) / (x1 - x0)) * (y1 - y0)
}
