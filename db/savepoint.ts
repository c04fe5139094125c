import { sql, type Transaction } from 'kysely'

/** Runs a part of a transaction that may fail without failing the whole: its changes are undone, its error is thrown. */
export const inSavepoint = async <T>(tx: object, run: () => Promise<T>): Promise<T> => {
  const whole = tx as Transaction<unknown>
  await sql`savepoint part`.execute(whole)
  try {
    const result = await run()
    await sql`release savepoint part`.execute(whole)
    return result
  } catch (error) {
    await sql`rollback to savepoint part`.execute(whole)
    await sql`release savepoint part`.execute(whole)
    throw error
  }
}
