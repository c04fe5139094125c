import { aboveF } from './beta.ts'

/** What a comparison of treatments over blocks found. */
export interface Friedman {
  /** How likely chance alone gives differences as clear, 0 to 1. */
  p: number
  /** How far each treatment's mean rank is from the middle, in its standard deviations. */
  z: number[]
}

/** Ranks from 1; equals share the mean of theirs. Counted rather than sorted: blocks are short. */
const ranks = (values: readonly number[]): number[] =>
  values.map((value) => {
    let [less, equal] = [0, 0]
    for (const other of values)
      if (other < value) less++
      else if (other === value) equal++
    return less + (equal + 1) / 2
  })

/**
 * Friedman's test: whether treatments (such as months) differ within blocks (such as years), whatever the blocks' own levels are. By the F of
 * R. L. Iman and J. M. Davenport (Communications in Statistics A9, 1980), which is closer than Friedman's χ² where blocks are few. By
 * ranks: a single huge value counts no more than any largest one.
 * @param blocks at least two, each with a value of every treatment
 */
export const friedman = (blocks: readonly (readonly number[])[]): Friedman => {
  const [b, k] = [blocks.length, blocks[0]!.length]
  const ranked = blocks.map(ranks)
  const middle = (k + 1) / 2
  const means = Array.from({ length: k }, (_, j) => ranked.reduce((t, row) => t + row[j]!, 0) / b - middle)
  // What ranks differ within blocks, ties taken off.
  const within = ranked.reduce((t, row) => t + row.reduce((s, r) => s + (r - middle) ** 2, 0), 0)
  if (within === 0) return { p: 1, z: means.map(() => 0) }
  const between = means.reduce((t, mean) => t + mean * mean, 0)
  const agreement = (b * between) / within
  // Where all blocks agree wholly, rounding must not make it more than that.
  const f = ((b - 1) * agreement) / Math.max(1e-12, 1 - agreement)
  const spread = Math.sqrt(within / (b * k) / b)
  return {
    p: aboveF(f, k - 1, (b - 1) * (k - 1)),
    z: means.map((mean) => mean / spread),
  }
}
