import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import type { Context } from '../context.ts'
import { type DeadLetterRow, dismissLetter, listLetters } from '../store/failures.ts'

/** Sets a record aside that was given up. Null when there is no such dead letter; `closed` when it is open no more. */
export const dismissDeadLetter = (
  ctx: Context,
  { id, because }: { id: string; because: string },
): Promise<DeadLetterRow | 'closed' | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    if (!isId(id)) return null
    const at = clock.now()
    const dismissed = await dismissLetter(tx, orgId, id, { because, at })
    if (!dismissed) {
      const [closed] = await listLetters(tx, orgId, { ids: [id] }, { limit: 1, after: null })
      return closed ? 'closed' : null
    }
    await audit(tx, {
      orgId,
      principal,
      action: 'dismissDeadLetter',
      subject: { type: 'DeadLetter', id },
      before: { state: 'OPEN' },
      after: { state: dismissed.state, dismissedBecause: because },
      at,
    })
    return dismissed
  })
