import { inSavepoint } from '#db/client.ts'
import type { Transaction } from './transaction.ts'

/** Does something and takes it back: what it would do, found out by doing it. */
export const tryOut = async <T>(tx: Transaction, run: () => Promise<T>): Promise<T> => {
  const seen: T[] = []
  const takeBack = new Error('taken back')
  await inSavepoint(tx, async () => {
    seen.push(await run())
    throw takeBack
  }).catch((error: unknown) => {
    if (error !== takeBack) throw error
  })
  return seen[0] as T
}
