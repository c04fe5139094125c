/** Where a function was found to be least. */
export interface Least {
  at: number[]
  value: number
  /** Whether it is surely there: false when the steps ran out. */
  isSettled: boolean
}

const REFLECT = 1
const EXPAND = 2
const CONTRACT = 0.5
const SHRINK = 0.5

/**
 * Looks for the least value of a function by the simplex of J. A. Nelder and R. Mead (The Computer Journal 7, 1965); it needs no derivatives.
 * Between steps it yields, so that who looks for long can let others have the thread: `settle` does not.
 * @param f of a point; infinite where it must not go
 * @param start a point inside
 * @param size of the first steps
 */
export function* minimise(
  f: (at: readonly number[]) => number,
  start: readonly number[],
  { size = 0.5, steps = 2000, close = 1e-9 }: { size?: number; steps?: number; close?: number } = {},
): Generator<void, Least> {
  const worth = (at: number[]) => {
    const value = f(at)
    return { at, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value }
  }
  const points = [worth([...start])]
  for (let n = 0; n < start.length; n++) points.push(worth(start.map((x, m) => (m === n ? x + size : x))))
  for (let step = 0; step < steps; step++) {
    yield
    points.sort((a, b) => a.value - b.value)
    const [best, worst, second] = [points[0]!, points.at(-1)!, points.at(-2)!]
    const width = Math.max(
      ...points.slice(1).flatMap(({ at }) => at.map((x, n) => Math.abs(x - best.at[n]!))),
    )
    if (worst.value - best.value <= close * (1 + Math.abs(best.value)) && width < 1e-4)
      return { ...best, isSettled: true }
    const others = points.slice(0, -1)
    const centre = start.map((_, n) => others.reduce((t, { at }) => t + at[n]!, 0) / others.length)
    const along = (by: number) => worth(centre.map((x, n) => x + by * (x - worst.at[n]!)))
    const reflected = along(REFLECT)
    if (reflected.value < best.value) {
      const expanded = along(EXPAND)
      points[points.length - 1] = expanded.value < reflected.value ? expanded : reflected
    } else if (reflected.value < second.value) points[points.length - 1] = reflected
    else {
      const contracted = along(reflected.value < worst.value ? CONTRACT : -CONTRACT)
      if (contracted.value < Math.min(reflected.value, worst.value)) points[points.length - 1] = contracted
      else
        for (let n = 1; n < points.length; n++)
          points[n] = worth(points[n]!.at.map((x, m) => best.at[m]! + SHRINK * (x - best.at[m]!)))
    }
  }
  points.sort((a, b) => a.value - b.value)
  return { ...points[0]!, isSettled: false }
}

/** Runs to the end without letting go of the thread. */
export const settle = <T>(steps: Generator<void, T>): T => {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
