import { forgetPast } from '../store/former-facts.ts'
import { asTransaction } from '../store/transaction.ts'

/** Forgets what lies too far back of customers that nobody judges any more, and which accounts customers had then. */
export const forgetOldPast = (tx: object, orgId: string, now: Date): Promise<void> =>
  forgetPast(asTransaction(tx), orgId, now)
