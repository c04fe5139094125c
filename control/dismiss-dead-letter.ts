import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type DeadLetter, dismissLetter, listLetters } from '#sync/dead-letters.ts'
import type { Asking, Telling } from './vendor.ts'

/** Sets a record aside that was given up. Null when there is no such dead letter; `closed` when it is open no more. */
export const dismissDeadLetter =
  (vendor: Telling) =>
  (ctx: Asking, { id, because }: { id: string; because: string }): Promise<DeadLetter | 'closed' | null> =>
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
        action: vendor.actions.dismissDeadLetter,
        subject: { type: 'DeadLetter', id },
        before: { state: 'OPEN' },
        after: { state: dismissed.state, dismissedBecause: because },
        at,
      })
      return dismissed
    })
